import type { Ballot } from './ballot.ts';
import type { RegisterPlants } from './plants.ts';
import type { RegisterView } from './register-view.ts';

/** Ballots of this start of this node. Invariant: every ballot handed out is new and above every one observed before. */
export interface BallotSource {
  next(epoch: number): Ballot;
  /** A ballot seen at a replica: the counter goes on above it. */
  observe(ballot: Ballot): void;
}

export function createBallotSource(view: RegisterView, plants: RegisterPlants): BallotSource {
  let counter = 1;
  return {
    next(epoch) {
      if (!plants.has('ballot-reuse')) counter += 1;
      return { epoch, counter, nodeId: view.selfId, boot: view.boot };
    },
    observe(ballot) {
      if (ballot.counter > counter) counter = ballot.counter;
    },
  };
}
