import type { Clock } from '../base/clock.ts';
import { KeyedMutex } from '../base/keyed-mutex.ts';
import type { Logger } from '../base/logger.ts';
import type { Outcome } from '../base/outcome.ts';
import { failed, success } from '../base/outcome.ts';
import type { PeerHandler, PeerTransport } from '../base/peer-transport.ts';
import type { Random } from '../base/random.ts';
import { spokenFailure } from '../contracts/errors.ts';
import { nameRefusalSentence } from '../contracts/name-refusal-texts.ts';
import type { Acceptor } from './acceptor.ts';
import { createBackOff } from './back-off.ts';
import { createBallotSource } from './ballot-source.ts';
import type { CarryDeps } from './carry.ts';
import { runCarry } from './carry.ts';
import type { ChangeDeps } from './change.ts';
import { runChange, runIdentity } from './change.ts';
import { createEarlyPrepares } from './early-prepares.ts';
import { registerKeyText } from './key-text.ts';
import type { ListDeps } from './list.ts';
import { runList } from './list.ts';
import type { RegisterPlants } from './plants.ts';
import { noPlants } from './plants.ts';
import { runPurge } from './purge.ts';
import type { ReadDeps } from './read.ts';
import { runRead } from './read.ts';
import type { RegisterClient } from './register-client.ts';
import type { RegisterKey } from './register-store.ts';
import type { RegisterView } from './register-view.ts';
import { createReplicaCalls, openAttempt } from './replica-calls.ts';
import { createRounds } from './rounds.ts';
import type { TurnLimits } from './turns.ts';
import { createTurns } from './turns.ts';

export interface RegisterClientDeps {
  readonly view: RegisterView;
  readonly transport: PeerTransport;
  /** The acceptor of this node, called without the network. */
  readonly acceptor: Acceptor;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly limits?: Partial<RegisterClientLimits>;
  readonly plants?: RegisterPlants;
  /** A replica did not confirm a write, which may have got its majority without it. */
  readonly onUnheardAccept?: (node: string) => void;
}

export interface RegisterClientLimits extends TurnLimits {
  /** An operation answers within this time, if only that its outcome is unknown. */
  readonly operationTimeoutMs: number;
  readonly messageTimeoutMs: number;
  /** How long a decided majority, or a refusal, waits for the replicas that still owe an answer. */
  readonly graceMs: number;
  readonly backOffMs: number;
  /** Operations under way at once; more are answered `Busy`. */
  readonly operations: number;
  readonly waitingPerKey: number;
  readonly earlyPrepares: number;
  readonly earlyPrepareLifeMs: number;
  readonly readsPerListPage: number;
}

/** The client, and what it answers to other nodes. */
export interface RegisterClientService extends RegisterClient {
  /** The handler of channel `turn`. */
  readonly handleTurn: PeerHandler;
}

const defaultLimits: RegisterClientLimits = {
  operationTimeoutMs: 5000,
  messageTimeoutMs: 1000,
  graceMs: 25,
  backOffMs: 4,
  operations: 8192,
  waitingPerKey: 256,
  earlyPrepares: 4096,
  earlyPrepareLifeMs: 120_000,
  readsPerListPage: 256,
  turnWaitMs: 500,
  turnLeaseMs: 500,
};

/**
 * The proposer of this node: changes, reads and listings of registers.
 *
 * Invariants: at most one change a key is under way here; a ballot is used for one value only; every
 * operation ends within its deadline.
 */
export function createRegisterClient(deps: RegisterClientDeps): RegisterClientService {
  const { view, transport, acceptor, clock, random, logger } = deps;
  const limits = { ...defaultLimits, ...deps.limits };
  const plants = deps.plants ?? noPlants;
  const calls = createReplicaCalls({ view, transport, acceptor, clock, logger, messageTimeoutMs: limits.messageTimeoutMs });
  const ballots = createBallotSource(view, plants);
  const rounds = createRounds({ calls, ballots, clock, graceMs: limits.graceMs, onUnheardAccept: deps.onUnheardAccept });
  const turns = new KeyedMutex(limits.waitingPerKey);
  const early = createEarlyPrepares({ clock, rounds, capacity: limits.earlyPrepares, lifeMs: limits.earlyPrepareLifeMs });
  const elsewhere = createTurns({ view, transport, clock, random, own: turns, limits });
  const changeDeps: ChangeDeps = { view, rounds, plants, backOffMs: limits.backOffMs, takeTurn: (key) => elsewhere.take(key) };
  const readDeps: ReadDeps = {
    view,
    calls,
    rounds,
    clock,
    graceMs: limits.graceMs,
    backOffMs: limits.backOffMs,
    plants,
    identity: (key, backOff, fence) => inTurn(registerKeyText(key), () => runIdentity(changeDeps, key, backOff, 'if-undecided', fence)),
  };
  const listDeps: ListDeps = {
    ...readDeps,
    maxReadsPerPage: limits.readsPerListPage,
    read: (key, fence) => runRead(readDeps, key, backOff(), fence),
  };
  const rewrite = async (key: RegisterKey): Promise<Outcome<void>> => {
    const rewritten = await inTurn(registerKeyText(key), () => runIdentity(changeDeps, key, backOff(), 'always'));
    return rewritten.ok ? success(undefined) : rewritten;
  };
  const carryDeps: CarryDeps = { ...readDeps, backOff: () => backOff(), rewrite };
  let operations = 0;

  const backOff = (): ReturnType<typeof createBackOff> => createBackOff(clock, random, limits.operationTimeoutMs);

  async function bounded<T>(run: () => Promise<Outcome<T>>): Promise<Outcome<T>> {
    if (view.regime() === null) return failed(spokenFailure('NotReady', nameRefusalSentence('noRings', {})));
    if (operations >= limits.operations)
      return failed(spokenFailure('Busy', nameRefusalSentence('manyOperations', { operations: limits.operations })));
    operations += 1;
    try {
      return await run();
    } finally {
      operations -= 1;
    }
  }

  async function inTurn<T>(keyText: string, run: () => Promise<Outcome<T>>): Promise<Outcome<T>> {
    const turn = await turns.acquire(keyText);
    if (turn === undefined) return failed(spokenFailure('Busy', nameRefusalSentence('manyWait', { changes: limits.waitingPerKey })));
    early.busy(keyText);
    try {
      return await run();
    } finally {
      early.idle(keyText);
      turn.dispose();
    }
  }

  return {
    handleTurn: elsewhere.handle,
    read: (key, fence) => bounded(() => runRead(readDeps, key, backOff(), fence)),
    rewrite: (key) => bounded(() => rewrite(key)),
    settle: (key) => bounded(() => inTurn(registerKeyText(key), () => runIdentity(changeDeps, key, backOff(), 'even-absent'))),
    anchor: (key, fence) =>
      bounded(async () => {
        const settled = await inTurn(registerKeyText(key), () => runIdentity(changeDeps, key, backOff(), 'even-absent', fence));
        if (!settled.ok) return settled;
        const { ballot, ...state } = settled.value;
        return success({ state, anchor: { version: state.version, ballot } });
      }),
    carry: (range, options) => runCarry(carryDeps, range, options),
    purge: (key) => runPurge({ view, calls }, key),
    list: (range, fence) => bounded(() => runList(listDeps, range, backOff(), fence)),
    prepare(key, fence) {
      const attempt = openAttempt(view, key.ring, key.hash);
      return early.start(registerKeyText(key), attempt, key, fence);
    },
    change(key, operationId, decide, options) {
      const keyText = registerKeyText(key);
      const limit = backOff();
      const atMs = clock.nowMs();
      return bounded(() =>
        inTurn(keyText, async () => {
          const prepared = await early.take(keyText, options?.preparation, view.regime());
          if (limit.expired()) return failed(spokenFailure('Busy', nameRefusalSentence('othersTookTime', {})));
          const request = {
            key,
            operationId,
            decide,
            atMs,
            beforeAccept: options?.beforeAccept,
            fence: options?.fence,
            since: options?.since,
          };
          return runChange(changeDeps, request, limit, prepared);
        }),
      );
    },
  };
}
