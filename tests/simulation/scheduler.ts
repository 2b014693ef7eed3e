import type { Clock, Timer } from '../../backend/base/clock.ts';

interface Task {
  readonly atMs: number;
  readonly order: number;
  run: (() => void) | null;
}

/**
 * Simulated time: tasks run one at a time in order of (time, order of scheduling). All promise
 * reactions of a task run before the next one starts, so a run depends on nothing but the seed.
 */
export class Scheduler {
  #heap: Task[] = [];
  #order = 0;
  #nowMs = 0;

  get nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, run: () => void): Timer {
    const task: Task = { atMs: this.#nowMs + Math.max(0, delayMs), order: this.#order++, run };
    this.#push(task);
    return {
      cancel: () => {
        task.run = null;
      },
    };
  }

  /** Runs until `finished()` holds (looked at between tasks) or nothing is left to do. False: nothing was left, or the limit passed. */
  runUntil(finished: () => boolean, limitMs: number): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const step = (): void => {
        try {
          if (finished()) return resolve(true);
          const task = this.#pop();
          if (task === undefined) return resolve(false);
          if (task.atMs > limitMs) {
            // Its time comes in a later run.
            this.#push(task);
            return resolve(false);
          }
          this.#nowMs = task.atMs;
          task.run?.();
        } catch (error) {
          return reject(error instanceof Error ? error : new Error(String(error)));
        }
        // A macrotask: everything that the task's promises set off has run by then.
        setImmediate(step);
      };
      setImmediate(step);
    });
  }

  /** Runs tasks as they come, without an end in sight: for tests that were written for real time. */
  keepRunning(stopped: () => boolean): void {
    const step = (): void => {
      if (stopped()) return;
      const task = this.#pop();
      if (task !== undefined) {
        this.#nowMs = task.atMs;
        task.run?.();
      }
      setImmediate(step);
    };
    setImmediate(step);
  }

  #push(task: Task): void {
    const heap = this.#heap;
    let at = heap.push(task) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!earlier(task, heap[parent] as Task)) break;
      heap[at] = heap[parent] as Task;
      at = parent;
    }
    heap[at] = task;
  }

  /** The next task that was not cancelled. */
  #pop(): Task | undefined {
    for (;;) {
      const top = this.#heap[0];
      if (top === undefined) return undefined;
      const last = this.#heap.pop() as Task;
      if (this.#heap.length > 0) this.#sink(last);
      if (top.run !== null) return top;
    }
  }

  #sink(task: Task): void {
    const heap = this.#heap;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && earlier(heap[child + 1] as Task, heap[child] as Task)) child += 1;
      if (!earlier(heap[child] as Task, task)) break;
      heap[at] = heap[child] as Task;
      at = child;
    }
    heap[at] = task;
  }
}

function earlier(left: Task, right: Task): boolean {
  return left.atMs !== right.atMs ? left.atMs < right.atMs : left.order < right.order;
}

/** One start of one process: whatever belongs to it stops when it is killed. */
export class ProcessLife {
  #alive = true;
  readonly #ends: (() => void)[] = [];

  get alive(): boolean {
    return this.#alive;
  }

  onKill(end: () => void): void {
    if (this.#alive) this.#ends.push(end);
    else end();
  }

  kill(): void {
    if (!this.#alive) return;
    this.#alive = false;
    for (const end of this.#ends) end();
  }
}

/** The clock of one process. Its wall clock is off by `wallOffsetMs()`, which may step and must not matter; its timers die with it. */
export function createSimulatedClock(scheduler: Scheduler, life: ProcessLife, wallOffsetMs: () => number): Clock {
  return {
    nowMs: () => scheduler.nowMs + wallOffsetMs(),
    monotonicMs: () => scheduler.nowMs,
    schedule: (delayMs, task) =>
      scheduler.after(delayMs, () => {
        if (life.alive) task();
      }),
  };
}
