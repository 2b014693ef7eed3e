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
  return {
    damageOne: () => {
      const nodeId = random.pick([...disks.keys()]);
      const disk = disks.get(nodeId) as BlobDisk;
      const spared = [...disk.blobs.keys()].filter((id) => !disk.damaged.has(id) && isElsewhere(references, id, nodeId));
      if (spared.length === 0) return false;
      disk.damaged.add(random.pick(spared));
      return true;
    },
    loseAll: (nodeId) => {
      const disk = disks.get(nodeId) as BlobDisk;
      if (lost || disk.blobs.size === 0 || ![...disk.blobs.keys()].every((id) => isElsewhere(references, id, nodeId))) return false;
      lost = true;
      disk.blobs.clear();
      disk.condemned.clear();
      disk.damaged.clear();
      return true;
    },
  };
}

/** Whether whatever may still name the blob here names a good copy of it elsewhere, too. */
function isElsewhere(references: Pick<LiveReferences, 'copiesOf'>, blobId: string, nodeId: string): boolean {
  return references.copiesOf(blobId, nodeId).every((others) => others > 0);
}
