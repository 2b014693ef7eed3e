import type { BlobHarm } from '../fault-injector.ts';
import type { SeededRandom } from '../seeded-random.ts';
import type { LiveReferences } from './live-references.ts';
import type { BlobDisk } from './simulated-blobs.ts';

/** Harm that two copies in two places must survive: a run loses all bytes of one node at most, and no blob its last good copy. */
export function createBlobHarm(
  disks: ReadonlyMap<string, BlobDisk>,
  references: Pick<LiveReferences, 'copiesOf'>,
  random: SeededRandom,
): BlobHarm {
  let lost = false;
  const isOnAnother = (blobId: string, nodeId: string): boolean =>
    [...disks].some(([id, disk]) => id !== nodeId && disk.blobs.has(blobId) && !disk.damaged.has(blobId) && !disk.condemned.has(blobId));
  /** Whether whatever may still name the blob here names a good copy of it elsewhere, too. Nothing yet: it may be named at any moment. */
  const isElsewhere = (blobId: string, nodeId: string): boolean => {
    const copies = references.copiesOf(blobId, nodeId);
    return copies.length === 0 ? isOnAnother(blobId, nodeId) : copies.every((others) => others > 0);
  };
  return {
    damageOne: () => {
      const nodeId = random.pick([...disks.keys()]);
      const disk = disks.get(nodeId) as BlobDisk;
      const spared = [...disk.blobs.keys()].filter((id) => !disk.damaged.has(id) && isElsewhere(id, nodeId));
      if (spared.length === 0) return false;
      disk.damaged.add(random.pick(spared));
      return true;
    },
    loseAll: (nodeId) => {
      const disk = disks.get(nodeId) as BlobDisk;
      if (lost || disk.blobs.size === 0 || ![...disk.blobs.keys()].every((id) => isElsewhere(id, nodeId))) return false;
      lost = true;
      disk.blobs.clear();
      disk.condemned.clear();
      disk.damaged.clear();
      return true;
    },
  };
}
