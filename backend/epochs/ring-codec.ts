import { failed, success, type Outcome } from '../base/outcome.ts';
import type { EncodedRings } from '../contracts/epoch-change.ts';
import type { EpochProposal } from '../contracts/epoch.ts';
import { failure } from '../contracts/errors.ts';
import { ringNames, type RingName } from '../contracts/ids.ts';
import { littleEndian } from '../ring/little-endian.ts';
import { ringSetDigest } from '../ring/ring-digest.ts';
import type { Ring, RingSet } from '../ring/ring.ts';

/** Rings as they go over the wire and to disk: whoever was away for an epoch cannot compute them from what came before. */
export function encodeRings(proposal: EpochProposal, rings: RingSet): EncodedRings {
  const encoded = (name: RingName): string => Buffer.from(littleEndian(rings[name].assignment)).toString('base64');
  return { proposal, digest: rings.digest, account: encoded('account'), container: encoded('container'), object: encoded('object') };
}

/** The rings, if they are what their digest says. Failure: DigestMismatch. */
export function decodeRings(encoded: EncodedRings): Outcome<RingSet> {
  const { proposal } = encoded;
  const nodes = proposal.members.map(({ id, zone, weight }) => ({ id, zone, weight })).sort((left, right) => (left.id < right.id ? -1 : 1));
  const decode = (name: RingName): [RingName, Ring] => {
    const bytes = Buffer.from(encoded[name], 'base64');
    const assignment = Uint16Array.from({ length: bytes.length >> 1 }, (_, index) => bytes.readUInt16LE(2 * index));
    return [name, { nodes, partitionPower: proposal.partitionPower, replicas: proposal.replicas, assignment }];
  };
  const rings = Object.fromEntries(ringNames.map(decode)) as Record<RingName, Ring>;
  const digest = ringSetDigest(rings);
  if (digest !== encoded.digest)
    return failed(
      failure('DigestMismatch', `The rings of epoch ${proposal.epoch} have the digest ${digest}, not ${encoded.digest} as they were sent.`),
    );
  return success({ ...rings, digest });
}
