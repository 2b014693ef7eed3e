/** Something that can be given back. Disposing twice does nothing. */
export interface Disposable {
  dispose(): void;
}

/** Something with a running phase. `stop()` leaves no timer, socket, file or lock behind. */
export interface Service {
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Collects disposables and gives them back in reverse order of adding. */
export class DisposableStore implements Disposable {
  #items: Disposable[] = [];
  #disposed = false;

  /** Adds `item`; if the store is already disposed, disposes it at once. Returns it. */
  add<T extends Disposable>(item: T): T {
    if (this.#disposed) item.dispose();
    else this.#items.push(item);
    return item;
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    for (const item of this.#items.reverse()) item.dispose();
    this.#items = [];
  }
}

/** A disposable from a function, which runs at most once. */
export function toDisposable(release: () => void): Disposable {
  let done = false;
  return {
    dispose: () => {
      if (done) return;
      done = true;
      release();
    },
  };
}
