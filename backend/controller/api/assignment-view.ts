import type { AssignmentView } from '../../contracts/admin-api.ts';
import { spokenFailure } from '../../contracts/errors.ts';
import { refusalSentence } from '../../contracts/refusal-texts.ts';
import type { RingName } from '../../contracts/ids.ts';
import type { Outcome } from '../../base/outcome.ts';
import { failed, success } from '../../base/outcome.ts';
import { diffRing } from '../../ring/diff-ring.ts';
import type { Rings } from '../rings/rings.ts';

/**
 * Which node holds what of a ring. With `mostPartitions` only every n-th partition, so that at most that many are told:
 * a picture of a thousand nodes needs 12 KB instead of a megabyte. Failure: NotReady.
 */
export function assignmentView(
  rings: Pick<Rings, 'active' | 'certificate' | 'leaving'>,
  ring: RingName,
  mostPartitions = Infinity,
): Outcome<AssignmentView> {
  const set = rings.active();
  const certificate = rings.certificate;
  if (!set || !certificate) return failed(spokenFailure('NotReady', refusalSentence('noRings', {})));
  const { assignment, partitionPower, replicas } = set[ring];
  const partitions = 2 ** partitionPower;
  const everyNth = Math.max(1, 2 ** Math.ceil(Math.log2(partitions / mostPartitions)));
  const before = rings.leaving();
  return success({
    ring,
    epoch: certificate.proposal.epoch,
    partitionPower,
    replicas,
    nodes: certificate.proposal.members.map((member) => ({ nodeId: member.id, name: member.name, zone: member.zone })),
    assignment: encodeEveryNth(assignment, replicas, everyNth),
    ...(everyNth === 1 ? {} : { everyNth }),
    ...(before === undefined ? {} : { moving: Buffer.from(diffRing(before[ring], set[ring]).moving).toString('base64') }),
  });
}

function encodeEveryNth(assignment: Uint16Array, replicas: number, everyNth: number): string {
  const kept = assignment.length / replicas / everyNth;
  const bytes = Buffer.alloc(kept * replicas * 2);
  for (let partition = 0; partition < kept; partition++)
    for (let replica = 0; replica < replicas; replica++)
      bytes.writeUInt16LE(assignment[partition * everyNth * replicas + replica] ?? 0, 2 * (partition * replicas + replica));
  return bytes.toString('base64');
}
