import type { BlobStore } from '../../base/blob-store.ts';
import { sleep, type Clock } from '../../base/clock.ts';
import { boundedSentence } from '../../contracts/bounded-sentence.ts';
import type { StatusAnswer } from '../../contracts/cluster-messages.ts';
import { ringNames } from '../../contracts/ids.ts';
import type { RegisterStore } from '../../register/register-store.ts';
import type { Healing } from '../healing/healing.ts';
import type { Traffic } from './traffic.ts';
import type { AdminCloudController } from '../admin-cloud-controller/admin-cloud-controller.ts';
import type { ServingState } from '../admin-cloud-controller/serving-state.ts';

export interface NodeStatusDeps {
  readonly clock: Clock;
  readonly controller: AdminCloudController;
  readonly registers: RegisterStore;
  readonly blobsHeld: BlobsHeld;
  readonly healing: Pick<Healing, 'status'>;
  readonly traffic: Pick<Traffic, 'counters'>;
  readonly instanceId: string;
  readonly softwareVersion: string;
}

/** The probe has a second; whoever has not answered a peer's ping by then counts as it did before. */
const askAboutMs = 500;

export async function nodeStatus(deps: NodeStatusDeps, askAbout: readonly string[]): Promise<StatusAnswer> {
  const { clock, controller, registers } = deps;
  const others = askAbout.filter((id) => id !== controller.selfId);
  if (others.length > 0) {
    const enough = new AbortController();
    await Promise.race([
      Promise.all(others.map((id) => controller.peers.ping(id))).then(() => enough.abort()),
      sleep(clock, askAboutMs, enough.signal),
    ]);
    enough.abort();
  }
  const { current } = controller.epochs;
  const { space } = controller;
  const serving = controller.serving();
  const { speeds } = controller.speeds;
  let nameCount = 0;
  for (const ring of ringNames) nameCount += registers.count(ring);
  return {
    nodeId: controller.selfId,
    instanceId: deps.instanceId,
    softwareVersion: deps.softwareVersion,
    membershipVersion: controller.membership.version,
    ...(controller.membership.digest === undefined ? {} : { membershipDigest: controller.membership.digest }),
    epoch: 0,
    digest: current?.rings.digest ?? null,
    phase: null,
    ...controller.epochs.regime,
    serving: serving.kind,
    ...whyNotServing(serving),
    freeBytes: Math.round(space.freeBytes),
    usedBytes: Math.max(0, Math.round(space.totalBytes - space.freeBytes)),
    nameCount,
    ...heldHere(deps.blobsHeld),
    healing: deps.healing.status(),
    traffic: deps.traffic.counters(),
    latencies: controller.peers.latencies(),
    measuredReadBytesPerSecond: speeds?.readBytesPerSecond ?? null,
    measuredWriteBytesPerSecond: speeds?.writeBytesPerSecond ?? null,
    observedSpeeds: controller.observedSpeeds.report(),
    peers: controller.peers.report(others),
  };
}

/** Whoever refuses the sentence refuses the whole answer, and takes this node for one that is silent: so it is never too long. */
export function whyNotServing(serving: ServingState): Pick<StatusAnswer, 'servingReason' | 'servingSpoken'> {
  if (serving.kind === 'serving') return {};
  const servingSpoken = boundedSentence(serving.reason);
  return { servingReason: servingSpoken.sentence, servingSpoken };
}

function heldHere(held: BlobsHeld): Pick<StatusAnswer, 'blobCount' | 'blobBytes'> {
  const counted = held.current();
  return counted === null ? { blobCount: 0 } : { blobCount: counted.count, blobBytes: counted.bytes };
}

/** Number of blobs here and their bytes, counted now and then rather than with every probe. */
export interface BlobsHeld {
  /** Null before the first count is done. */
  current(): { readonly count: number; readonly bytes: number } | null;
}

const recountMs = 15_000;
const idsPerRead = 1000;

/**
 * Invariant: at most one count runs at a time, and none unless somebody asks.
 */
export function createBlobsHeld(deps: { clock: Clock; blobs: Pick<BlobStore, 'list'>; onError: (error: unknown) => void }): BlobsHeld {
  let held: ReturnType<BlobsHeld['current']> = null;
  let countedAtMs: number | undefined;
  let running = false;
  const recount = async (): Promise<void> => {
    const counted = { count: 0, bytes: 0 };
    let after: string | undefined;
    for (;;) {
      const page = await deps.blobs.list({ ...(after === undefined ? {} : { after }), limit: idsPerRead });
      counted.count += page.length;
      for (const { size } of page) counted.bytes += size;
      after = page.at(-1)?.id;
      if (page.length < idsPerRead) break;
    }
    held = counted;
  };
  return {
    current: () => {
      const now = deps.clock.monotonicMs();
      if (!running && (countedAtMs === undefined || now - countedAtMs > recountMs)) {
        running = true;
        countedAtMs = now;
        recount()
          .catch(deps.onError)
          .finally(() => {
            running = false;
          });
      }
      return held;
    },
  };
}
