import type { NodeAddresses, NodeEntry, NodeParameters } from '../../contracts/membership.ts';
import { canonicalJson } from '../../contracts/canonical-json.ts';

/** Whether the list says something else of this node than it says of itself: where it is reached, or what it offers. */
export function isToldWrong(
  entry: NodeEntry | undefined,
  own: { readonly parameters: NodeParameters; readonly addresses: NodeAddresses },
): boolean {
  if (entry === undefined || entry.state === 'removed') return false;
  return canonicalJson([entry.parameters, entry.addresses]) !== canonicalJson([own.parameters, own.addresses]);
}
