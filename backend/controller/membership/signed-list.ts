import type { Pki } from '../../base/pki.ts';
import { lineageSignatureText, membershipSignatureText, membershipText } from '../../contracts/canonical-json.ts';
import type { Membership, MembershipUpdate } from '../../contracts/membership.ts';
import { sha256Hex } from '../digest.ts';

/** The list as nodes get it: whole or as a difference, with the Controller's signature over the whole. */
export interface SignedList {
  /** The difference from `sinceVersion` (0: everything) to the present version. A version from the future is answered with everything. */
  updateSince(sinceVersion: number): Promise<MembershipUpdate>;
  /** Digest of the present version. */
  digest(): Promise<string>;
}

type Proof = Pick<MembershipUpdate, 'listDigest' | 'signature' | 'lineage'>;

/**
 * Invariant: one digest and one signature a version, whoever asks; memory holds those of the newest
 * version only.
 */
export function createSignedList(deps: { pki: Pki; keyPem: string; current: () => Membership }): SignedList {
  let signed: { version: number; proof: Promise<Proof> } | undefined;

  function proofOf(list: Membership): Promise<Proof> {
    if (signed?.version !== list.version) signed = { version: list.version, proof: sign(list) };
    return signed.proof;
  }

  async function sign(list: Membership): Promise<Proof> {
    const listDigest = sha256Hex(membershipText(list));
    const signature = await deps.pki.sign(deps.keyPem, membershipSignatureText(listDigest));
    if (list.lineage === undefined) return { listDigest, signature };
    const signedLineage = await deps.pki.sign(deps.keyPem, lineageSignatureText(listDigest, list.lineage));
    return { listDigest, signature, lineage: { starts: [...list.lineage], signature: signedLineage } };
  }

  return {
    digest: async () => (await proofOf(deps.current())).listDigest,
    updateSince: async (wanted) => {
      const list = deps.current();
      const sinceVersion = wanted > list.version ? 0 : wanted;
      const proof = await proofOf(list);
      const changed = list.nodes.filter((entry) => entry.changedInVersion > sinceVersion);
      const changedIds = new Set(changed.map((entry) => entry.id));
      return {
        format: 1,
        clusterId: list.clusterId,
        version: list.version,
        sinceVersion,
        changed,
        // A node's entry changes when its certificate is refused, and never again: its version is the revocation's as well.
        revocations: list.revocations.filter((revocation) => changedIds.has(revocation.nodeId)),
        ...proof,
      };
    },
  };
}
