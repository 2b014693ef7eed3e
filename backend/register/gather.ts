import type { Clock, Timer } from '../base/clock.ts';
import type { ReplicaGroup } from './register-view.ts';

/** Returned by `look`: enough for now; take what is here after the grace time, whoever still owes an answer. */
export const hurry = Symbol('hurry');
/** Returned by `look`: what is owed would help, and is worth ten grace times, not the whole time of a message. */
export const linger = Symbol('linger');
const lingerFactor = 10;

/**
 * Asks all `nodes` at once and calls `look` after every answer until it returns a result; `final`
 * says that nothing more will come (or that the grace time is over), and `look` must then return one.
 * Answers that come later are ignored.
 */
export function gather<Reply, Result>(
  clock: Clock,
  nodes: readonly string[],
  graceMs: number,
  ask: (node: string) => Reply | Promise<Reply>,
  look: (replies: ReadonlyMap<string, Reply>, final: boolean) => Result | typeof hurry | typeof linger | undefined,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const replies = new Map<string, Reply>();
    let done = false;
    let grace: Timer | null = null;
    let lingering: Timer | null = null;

    const end = (): void => {
      done = true;
      grace?.cancel();
      lingering?.cancel();
    };
    const finish = (result: Result): void => {
      end();
      resolve(result);
    };
    const check = (final: boolean): void => {
      const result = look(replies, final);
      if (result === hurry) grace ??= clock.schedule(graceMs, () => takeWhatIsHere());
      else if (result === linger) lingering ??= clock.schedule(lingerFactor * graceMs, () => takeWhatIsHere());
      else if (result !== undefined) finish(result);
      else if (final) throw new Error('look() must decide once nothing more will come');
    };
    const takeWhatIsHere = (): void => {
      if (done) return;
      try {
        check(true);
      } catch (error) {
        fail(error);
      }
    };
    const fail = (error: unknown): void => {
      end();
      reject(error instanceof Error ? error : new Error(String(error)));
    };
    const add = (node: string, reply: Reply): void => {
      if (done) return;
      replies.set(node, reply);
      try {
        check(replies.size === nodes.length);
      } catch (error) {
        fail(error);
      }
    };
    for (const node of nodes) {
      const reply = ask(node);
      if (reply instanceof Promise) reply.then((value) => add(node, value), fail);
      else add(node, reply);
    }
  });
}

/** Whether every group has a majority of nodes that `counts`. */
export function majorityOfEach(groups: readonly ReplicaGroup[], counts: (node: string) => boolean): boolean {
  for (const group of groups) {
    let found = 0;
    for (const node of group) if (counts(node)) found += 1;
    if (found * 2 <= group.length) return false;
  }
  return groups.length > 0;
}
