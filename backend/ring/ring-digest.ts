import { createHash } from 'node:crypto';
import { canonicalJson } from '../contracts/canonical-json.ts';
import { ringNames, type RingName } from '../contracts/ids.ts';
import { littleEndian } from './little-endian.ts';
import type { Ring } from './ring.ts';

/**
 * SHA-256 (hex) over the canonical form of the three rings: for each, in the order of `ringNames`, a
 * line of canonical JSON (name, P, R, nodes), then the assignment as unsigned 16-bit little-endian.
 */
export function ringSetDigest(rings: Readonly<Record<RingName, Ring>>): string {
  const hash = createHash('sha256');
  for (const name of ringNames) {
    const { nodes, partitionPower, replicas, assignment } = rings[name];
    hash.update(
      `${canonicalJson({ format: 1, ring: name, partitionPower, replicas, nodes: nodes.map(({ id, zone, weight }) => ({ id, zone, weight })) })}\n`,
    );
    hash.update(littleEndian(assignment));
  }
  return hash.digest('hex');
}
