import type { Clock } from '../../base/clock.ts';
import type { ClusterRpcClient } from '../../base/cluster-rpc.ts';
import type { DocumentStore } from '../../base/document-store.ts';
import type { Logger } from '../../base/logger.ts';
import type { Pki } from '../../base/pki.ts';
import type { Random } from '../../base/random.ts';
import type { EventLog } from '../events/event-log.ts';
import type { Refusal } from '../health/trouble.ts';
import type { Registry } from '../registry/registry.ts';
import type { ControllerSigner } from '../../epochs/give-up.ts';

/** What the rings of the Controller work with. */
export interface RingsDependencies {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly documents: DocumentStore;
  readonly pki: Pki;
  readonly rpc: ClusterRpcClient;
  readonly registry: Registry;
  readonly events: EventLog;
  readonly clusterId: string;
  readonly seed: string;
  readonly authorityPem: string;
  readonly signAsController: ControllerSigner;
  readonly measuredWriteSpeed: (nodeId: string) => number | null;
  readonly freeBytes: (nodeId: string) => number | null;
  /** Whether the node has answered this Controller lately: after a restart the registry only says how things were. */
  readonly answers: (nodeId: string) => boolean;
  /** By its last answer. */
  readonly refusal: (nodeId: string) => Refusal | null;
}
