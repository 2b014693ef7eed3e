import { failed, success, type Outcome } from '../base/outcome.ts';
import type { EncodedRings } from '../contracts/epoch-change.ts';
import type { EpochProposal } from '../contracts/epoch.ts';
import { epochRefusalSentence } from '../contracts/epoch-refusal-texts.ts';
import { spokenFailure } from '../contracts/errors.ts';
import { ringNames, type RingName } from '../contracts/ids.ts';
import { ringSetDigest } from '../ring/ring-digest.ts';
import type { Ring, RingSet } from '../ring/ring.ts';

/** Rings as they go over the wire and to disk: whoever was away for an epoch cannot compute them from what came before. */
export function encodeRings(proposal: EpochProposal, rings: RingSet): EncodedRings {
  const bits = indexBits(proposal.members.length);
  const encoded = (name: RingName): string => packBits(rings[name].assignment, bits).toString('base64');
  return {
    format: 2,
    proposal,
    digest: rings.digest,
    account: encoded('account'),
    container: encoded('container'),
    object: encoded('object'),
  };
}

/** The rings, if they are what their digest says. Failure: DigestMismatch. */
export function decodeRings(encoded: EncodedRings): Outcome<RingSet> {
  const { proposal } = encoded;
  const nodes = proposal.members.map(({ id, zone, weight }) => ({ id, zone, weight })).sort((left, right) => (left.id < right.id ? -1 : 1));
  const decode = (name: RingName): [RingName, Ring] => {
    const bytes = Buffer.from(encoded[name], 'base64');
    const slots = proposal.replicas * 2 ** proposal.partitionPower;
    const assignment = encoded.format === 2 ? unpackBits(bytes, indexBits(nodes.length), slots) : unpackBytes(bytes);
    return [name, { nodes, partitionPower: proposal.partitionPower, replicas: proposal.replicas, assignment }];
  };
  const rings = Object.fromEntries(ringNames.map(decode)) as Record<RingName, Ring>;
  const digest = ringSetDigest(rings);
  if (digest !== encoded.digest)
    return failed(
      spokenFailure(
        'DigestMismatch',
        epochRefusalSentence('sentOtherwise', { epoch: String(proposal.epoch), computed: digest, digest: encoded.digest }),
      ),
    );
  return success({ ...rings, digest });
}

/** Bits that hold every index below `members`; at least one. */
function indexBits(members: number): number {
  return Math.max(1, 32 - Math.clz32(members - 1));
}

/** Each value in `bits` bits, the highest first; the last byte is filled up with zeros. */
function packBits(values: Uint16Array, bits: number): Buffer {
  const bytes = Buffer.alloc(Math.ceil((values.length * bits) / 8));
  let [held, count, at] = [0, 0, 0];
  for (let index = 0; index < values.length; index++) {
    // At most 7 bits are left over, so `held` stays below 2^23.
    held = (held << bits) | (values[index] as number);
    for (count += bits; count >= 8; count -= 8) bytes[at++] = held >>> (count - 8);
    held &= (1 << count) - 1;
  }
  if (count > 0) bytes[at] = held << (8 - count);
  return bytes;
}

/** `length` values; what is missing is 0, and the digest tells. */
function unpackBits(bytes: Buffer, bits: number, length: number): Uint16Array {
  const values = new Uint16Array(length);
  let [held, count, at] = [0, 0, 0];
  for (let index = 0; index < length; index++) {
    for (; count < bits; count += 8) held = (held << 8) | (bytes[at++] ?? 0);
    values[index] = held >>> (count - bits);
    count -= bits;
    held &= (1 << count) - 1;
  }
  return values;
}

function unpackBytes(bytes: Buffer): Uint16Array {
  return Uint16Array.from({ length: bytes.length >> 1 }, (_, index) => bytes.readUInt16LE(2 * index));
}
