import type { Clock } from '../../backend/base/clock.ts';
import type { PeerReply, PeerTransport } from '../../backend/base/peer-transport.ts';
import { peerChannels } from '../../backend/base/peer-transport.ts';
import { toDisposable } from '../../backend/base/lifecycle.ts';
import { silentLogger } from '../../backend/base/logger.ts';
import { utf8 } from '../../backend/base/bytes.ts';
import type { Acceptor } from '../../backend/register/acceptor.ts';
import { createAcceptor } from '../../backend/register/acceptor.ts';
import { decodeReply, decodeRequest } from '../../backend/register/codec.ts';
import type { RegisterReply, RegisterRequest } from '../../backend/register/messages.ts';
import type { RegisterClientLimits, RegisterClientService } from '../../backend/register/proposer.ts';
import { createRegisterClient } from '../../backend/register/proposer.ts';
import type { Regime } from '../../backend/register/register-view.ts';
import type { RegisterView } from '../../backend/register/register-view.ts';
import type { RegisterKey, RegisterStore } from '../../backend/register/register-store.ts';
import { createSimulatedClock, ProcessLife, Scheduler } from './scheduler.ts';
import { createSeededRandom } from './seeded-random.ts';
import type { SimulatedDisk } from './simulated-register-store.ts';
import { createSimulatedDisk, createSimulatedRegisterStore } from './simulated-register-store.ts';

/** What becomes of a message: `lose-reply` lets it take effect and loses the answer. */
export type Fate = 'deliver' | 'lose' | 'lose-reply';

export interface Sent {
  readonly from: string;
  readonly to: string;
  readonly request: RegisterRequest;
}

export interface HarnessNode {
  readonly id: string;
  readonly disk: SimulatedDisk;
  readonly acceptor: Acceptor;
  readonly client: RegisterClientService;
  readonly store: RegisterStore;
  /** Requests on channel `turn` that arrived here. */
  turnsAsked: number;
  /** Kills the process and starts it on the same disk. */
  restart(): void;
  /** One request as if from `from`. */
  ask(from: string, body: RequestBody): Promise<RegisterReply>;
}

export type RequestBody = RegisterRequest extends infer R
  ? R extends RegisterRequest
    ? Omit<R, 'regime' | 'boot' | 'certificate'>
    : never
  : never;

export interface ReplicaHarness {
  readonly nodes: readonly [HarnessNode, HarnessNode, HarnessNode];
  readonly sent: Sent[];
  readonly down: Set<string>;
  /** What every replica has recorded of the starts of others. */
  readonly recordedBoots: Map<string, number>;
  regime: Regime;
  fate: (message: Sent) => Fate;
  /** Simulated time: one round trip takes `roundTripMs`. */
  readonly clock: Clock;
  /** What `work` cost: messages by kind, syncs at the busiest replica, and ranges read at all of them. */
  cost(work: () => Promise<unknown>): Promise<{ kinds: string[]; roundTrips: number; syncs: number; rangeReads: number }>;
  stop(): void;
}

export const key: RegisterKey = { ring: 'object', hash: 7, key: utf8('key') };
const messageMs = 1;
export const roundTripMs = 2 * messageMs;

/** Three real replicas over a network without faults but those a test asks for; every message takes 1 ms each way. */
export function createReplicaHarness(limits: Partial<RegisterClientLimits> = {}): ReplicaHarness {
  const scheduler = new Scheduler();
  const ids = ['a', 'b', 'c'].map((letter) => letter.repeat(16));
  let stopped = false;
  let rangeReads = 0;
  scheduler.keepRunning(() => stopped);
  const harness: { -readonly [Name in keyof ReplicaHarness]: ReplicaHarness[Name] } = {
    nodes: [] as unknown as [HarnessNode, HarnessNode, HarnessNode],
    sent: [],
    down: new Set(),
    recordedBoots: new Map(),
    regime: { epoch: 1, phase: 'active' },
    fate: () => 'deliver',
    clock: createSimulatedClock(scheduler, new ProcessLife(), () => 1_700_000_000_000),
    async cost(work) {
      await quiet();
      harness.sent.length = 0;
      rangeReads = 0;
      const before = harness.nodes.map((node) => node.disk.syncs);
      const startMs = scheduler.nowMs;
      await work();
      const roundTrips = Math.floor((scheduler.nowMs - startMs) / roundTripMs);
      await quiet();
      const syncs = harness.nodes.map((node, index) => node.disk.syncs - (before[index] as number));
      return { kinds: harness.sent.map(({ request }) => request.kind).sort(), roundTrips, syncs: Math.max(...syncs), rangeReads };
    },
    stop: () => void (stopped = true),
  };
  const quiet = (): Promise<void> => new Promise((resolve) => scheduler.after(200, resolve));

  harness.nodes = ids.map((id, index) => startNode(id, index)) as unknown as ReplicaHarness['nodes'];
  return harness;

  function startNode(id: string, index: number): HarnessNode {
    const disk = createSimulatedDisk();
    let boot = 0;
    const launch = (): { life: ProcessLife; acceptor: Acceptor; client: RegisterClientService; store: RegisterStore } => {
      boot += 1;
      const life = new ProcessLife();
      const random = createSeededRandom(100 * index + boot);
      const clock = createSimulatedClock(scheduler, life, () => 1_700_000_000_000);
      // The disk takes no time to speak of, so that round trips can be counted by the clock.
      const rows = createSimulatedRegisterStore({ scheduler, random, life, disk, syncMs: 0.001 });
      const scan: RegisterStore['scan'] = (range) => {
        rangeReads += 1;
        return rows.scan(range);
      };
      const store: RegisterStore = { ...rows, scan };
      const view: RegisterView = {
        selfId: id,
        boot,
        regime: () => harness.regime,
        groupsOf: () => [ids],
        adopting: () => null,
        mayPurge: () => true,
        serving: () => true,
        recordedBoot: (node) => harness.recordedBoots.get(node) ?? 0,
        reachable: (node) => !harness.down.has(node),
        certificate: () => new Uint8Array([1]),
        learn: () => Promise.resolve(),
      };
      const acceptor = createAcceptor({ view, store, logger: silentLogger, limits: { ceilingStep: 1000 } });
      const client = createRegisterClient({ view, transport: transportOf(id), acceptor, clock, random, logger: silentLogger, limits });
      return { life, acceptor, client, store };
    };
    let running = launch();
    const node: HarnessNode = {
      id,
      disk,
      turnsAsked: 0,
      get acceptor() {
        return running.acceptor;
      },
      get client() {
        return running.client;
      },
      get store() {
        return running.store;
      },
      restart: () => {
        running.life.kill();
        running = launch();
      },
      ask: async (from, body) =>
        running.acceptor.handle(from, { ...body, regime: harness.regime, boot: 1, certificate: null } as RegisterRequest),
    };
    return node;
  }

  function transportOf(from: string): PeerTransport {
    return {
      handle: () => toDisposable(() => undefined),
      request: (to, channel, payload, { timeoutMs }) =>
        new Promise<PeerReply>((resolve) => {
          scheduler.after(timeoutMs, () => resolve({ kind: 'timeout', reason: 'no answer' }));
          const node = harness.nodes.find((candidate) => candidate.id === to) as HarnessNode;
          if (harness.down.has(to)) return resolve({ kind: 'unreachable', reason: 'down' });
          const isTurn = channel === peerChannels.turn;
          if (isTurn) node.turnsAsked += 1;
          const message: Sent | null = isTurn ? null : { from, to, request: decodeRequest(payload) };
          if (message !== null) harness.sent.push(message);
          const fate = message === null ? 'deliver' : harness.fate(message);
          if (fate === 'lose') return undefined;
          scheduler.after(messageMs, () => {
            void Promise.resolve(isTurn ? node.client.handleTurn(from, payload) : node.acceptor.handlePayload(from, payload)).then(
              (reply) => {
                if (!isTurn) decodeReply(reply);
                if (fate === 'deliver') scheduler.after(messageMs, () => resolve({ kind: 'reply', payload: reply }));
              },
            );
          });
          return undefined;
        }),
    };
  }
}
