import type { Outcome } from '../base/outcome.ts';
import type { EpochChangeAnswer, EpochChangeRequest } from '../contracts/epoch-change.ts';

/** One node's answer to a message of an epoch change; a silent or refusing node is a failure. Never rejects. */
export interface EpochCalls {
  call(nodeId: string, request: EpochChangeRequest): Promise<Outcome<EpochChangeAnswer>>;
}

const callsAtOnce = 64;

/**
 * Asks all `nodeIds`, at most 64 at a time, and resolves as soon as `enough` says so, or when all have answered.
 * What answers later is still handed to `onAnswer`.
 */
export function askMany(
  nodeIds: readonly string[],
  ask: (nodeId: string) => Promise<Outcome<EpochChangeAnswer>>,
  onAnswer: (nodeId: string, answer: Outcome<EpochChangeAnswer>) => void,
  enough: () => boolean,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let next = 0;
    let open = nodeIds.length;
    if (open === 0) return resolve();
    const launch = (): void => {
      const nodeId = nodeIds[next++];
      if (nodeId === undefined) return;
      ask(nodeId)
        .then((answer) => {
          onAnswer(nodeId, answer);
          open -= 1;
          if (open === 0 || enough()) resolve();
          launch();
        })
        .catch(reject);
    };
    for (let started = 0; started < Math.min(callsAtOnce, nodeIds.length); started++) launch();
  });
}
