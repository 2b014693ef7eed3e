import type { BlobPeers, BlobStore } from '../../base/blob-store.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Random } from '../../base/random.ts';
import type { ClusterMap } from '../admin-cloud-controller/cluster-map.ts';
import type { Names } from '../names/names.ts';

export interface ObjectsDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly names: Names;
  readonly blobs: BlobStore;
  readonly blobPeers: BlobPeers;
  readonly cluster: ClusterMap;
  /** Told of a copy that is missing or damaged, so that it is healed soon. */
  readonly onBadCopy?: (nodeId: string, blobId: string) => void;
}
