import type { Lineage } from './lineage.ts';
import type { Membership } from './membership.ts';

/** JSON with object keys in order of UTF-16 code units, without white space: one text for one value. Undefined members are left out. */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item === undefined ? null : item)).join(',')}]`;
  const members = Object.entries(value as Record<string, unknown>).filter(([, member]) => member !== undefined);
  members.sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`).join(',')}}`;
}

/** What the list digest is computed over (SHA-256 of its UTF-8). */
export function membershipText(list: Membership): string {
  return canonicalJson({ format: 1, clusterId: list.clusterId, version: list.version, nodes: list.nodes, revocations: list.revocations });
}

/** What the Controller signs for a list. */
export function membershipSignatureText(listDigest: string): string {
  return `mcos membership 1\n${listDigest}`;
}

/** What the Controller signs for the lineage of a list. */
export function lineageSignatureText(listDigest: string, starts: Lineage): string {
  return `mcos lineage 1\n${listDigest}\n${canonicalJson(starts)}`;
}

/** What a member signs for an epoch. */
export function epochSignatureText(epoch: { clusterId: string; epoch: number; attempt: number; digest: string; phase: string }): string {
  return `mcos epoch 1\n${epoch.clusterId}\n${epoch.epoch}\n${epoch.attempt}\n${epoch.digest}\n${epoch.phase}`;
}

/** What the CA signs for the genesis record (`record` without its signature). */
export function genesisSignatureText(record: Record<string, unknown>): string {
  const { signature: _signature, ...unsigned } = record;
  return `mcos genesis 1\n${canonicalJson(unsigned)}`;
}
