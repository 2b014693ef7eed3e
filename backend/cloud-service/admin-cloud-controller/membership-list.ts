import { createHash } from 'node:crypto';
import type { DocumentStore } from '../../base/document-store.ts';
import { Emitter } from '../../base/emitter.ts';
import { failed, success, type Outcome } from '../../base/outcome.ts';
import type { Pki } from '../../base/pki.ts';
import { lineageSignatureText, membershipSignatureText, membershipText } from '../../contracts/canonical-json.ts';
import { failure } from '../../contracts/errors.ts';
import { containsMark, newestMark } from '../../contracts/lineage.ts';
import { MembershipUpdate, type Membership, type NodeEntry } from '../../contracts/membership.ts';
import { createMessageChecker } from './message.ts';

interface StoredMembership {
  readonly format: 1;
  readonly list: Membership;
  readonly listDigest: string;
  readonly signature: string;
  /** Of the list's lineage, where it has one. */
  readonly lineageSignature?: string;
}

export type AppliedUpdate =
  | { readonly kind: 'applied' | 'stale'; readonly version: number }
  /** The update builds on a version that is not here: ask for the difference from `version`. */
  | { readonly kind: 'gap'; readonly version: number }
  /** A list that does not follow from the one here, or does not show it: a restored Controller has not heard of that one yet, say. Left alone. */
  | { readonly kind: 'other-history'; readonly version: number };

export interface MembershipListDeps {
  readonly documents: DocumentStore;
  readonly pki: Pki;
  readonly clusterId: string;
  readonly controllerCertificatePem: () => string;
}

type Sender = 'controller' | 'peer';

const checker = createMessageChecker('membership update', MembershipUpdate);

/**
 * The Cloud Service list as this node holds it.
 *
 * Invariants: the version never falls, restarts included; each list follows from the one before, so that nothing that was known is lost;
 * no peer takes the lineage away from a list that has one;
 * who is on the list stays on it, and who was removed or fenced stays so;
 * every list held was signed by the Controller (its digest covers the whole list, so differences cannot drift); what `changed` tells
 * is durable.
 */
export class MembershipList {
  readonly changed = new Emitter<Membership>();
  readonly #deps: MembershipListDeps;
  #stored: StoredMembership | undefined;
  #byId = new Map<string, NodeEntry>();
  #revoked = new Set<string>();
  #applying: Promise<unknown> = Promise.resolve();

  constructor(deps: MembershipListDeps) {
    this.#deps = deps;
    const stored = deps.documents.get<StoredMembership>('membership', 'list');
    if (stored !== undefined && stored.list.clusterId === deps.clusterId) this.#hold(stored);
  }

  get version(): number {
    return this.#stored?.list.version ?? 0;
  }

  get digest(): string | undefined {
    return this.#stored?.listDigest;
  }

  get nodes(): readonly NodeEntry[] {
    return this.#stored?.list.nodes ?? [];
  }

  node(id: string): NodeEntry | undefined {
    return this.#byId.get(id);
  }

  /** Fenced or removed: nothing of it is answered any more. */
  isRefused(nodeId: string): boolean {
    return this.#revoked.has(nodeId) || this.#byId.get(nodeId)?.state === 'removed';
  }

  /** The whole signed list, for a peer that is behind. */
  whole(): MembershipUpdate | undefined {
    if (this.#stored === undefined) return undefined;
    const { list, listDigest, signature, lineageSignature } = this.#stored;
    const { lineage } = list;
    return {
      format: 1,
      clusterId: list.clusterId,
      version: list.version,
      sinceVersion: 0,
      changed: [...list.nodes],
      revocations: [...list.revocations],
      listDigest,
      signature,
      ...(lineage !== undefined && lineageSignature !== undefined && { lineage: { starts: [...lineage], signature: lineageSignature } }),
    };
  }

  /** Takes an update of the Controller over, which it has sent itself; one after another. Failures: `InvalidArgument`, `WrongCluster`. */
  apply(body: unknown): Promise<Outcome<AppliedUpdate>> {
    return this.#applyInTurn(body, 'controller');
  }

  /** The same with one that a peer passes on. */
  applyFromPeer(body: unknown): Promise<Outcome<AppliedUpdate>> {
    return this.#applyInTurn(body, 'peer');
  }

  #applyInTurn(body: unknown, sender: Sender): Promise<Outcome<AppliedUpdate>> {
    const result = this.#applying.then(() => this.#applyNow(body, sender));
    this.#applying = result.catch(() => undefined);
    return result;
  }

  async #applyNow(body: unknown, sender: Sender): Promise<Outcome<AppliedUpdate>> {
    const checked = checker.check(body);
    if (!checked.ok) return checked;
    const update = checked.value;
    if (update.clusterId !== this.#deps.clusterId)
      return failed(failure('WrongCluster', `The list belongs to cluster ${update.clusterId}; this node is in ${this.#deps.clusterId}.`));
    if (update.version <= this.version) return success({ kind: 'stale', version: this.version });
    if (update.sinceVersion > this.version) return success({ kind: 'gap', version: this.version });
    const list = this.#merge(update);
    const listDigest = createHash('sha256').update(membershipText(list)).digest('hex');
    if (listDigest !== update.listDigest) {
      // A difference on top of another history than ours: the whole list settles it.
      if (update.sinceVersion > 0) return success({ kind: 'gap', version: 0 });
      return failed(
        failure('InvalidArgument', `The list of version ${update.version} does not have the digest it claims (${update.listDigest}).`),
      );
    }
    if (!(await this.#isSigned(update))) {
      return failed(failure('WrongCluster', `The list of version ${update.version} is not signed by this cluster's Controller.`));
    }
    if (!this.#isFollowedBy(list, sender)) return success({ kind: 'other-history', version: this.version });
    const { signature, lineage } = update;
    const stored: StoredMembership = { format: 1, list, listDigest, signature, ...(lineage && { lineageSignature: lineage.signature }) };
    this.#deps.documents.commit([{ kind: 'put', collection: 'membership', key: 'list', document: stored }]);
    this.#hold(stored);
    this.changed.emit(list);
    return success({ kind: 'applied', version: list.version });
  }

  #merge(update: MembershipUpdate): Membership {
    const held = update.sinceVersion === 0 ? undefined : this.#stored?.list;
    const nodes = new Map(held?.nodes.map((entry) => [entry.id, entry]));
    for (const entry of update.changed) nodes.set(entry.id, entry);
    const revocations = new Map(held?.revocations.map((revocation) => [revocation.nodeId, revocation]));
    for (const revocation of update.revocations) revocations.set(revocation.nodeId, revocation);
    return {
      clusterId: update.clusterId,
      version: update.version,
      nodes: [...nodes.values()].sort((left, right) => (left.id < right.id ? -1 : 1)),
      revocations: [...revocations.values()].sort((left, right) => (left.nodeId < right.nodeId ? -1 : 1)),
      ...(update.lineage && { lineage: update.lineage.starts }),
    };
  }

  async #isSigned({ listDigest, signature, lineage }: MembershipUpdate): Promise<boolean> {
    const verify = (text: string, by: string): Promise<boolean> => this.#deps.pki.verify(this.#deps.controllerCertificatePem(), text, by);
    if (!(await verify(membershipSignatureText(listDigest), signature))) return false;
    return lineage === undefined || verify(lineageSignatureText(listDigest, lineage.starts), lineage.signature);
  }

  /** Nobody, and no removal, is ever missing in a later list; where both have lineages, these tell of every other change as well. */
  #isFollowedBy(list: Membership, sender: Sender): boolean {
    const mark = newestMark(this.#stored?.list.lineage);
    if (mark !== undefined) {
      // The list's signature does not say whether it has a lineage: peers of earlier releases do not keep it, and others can leave it out.
      if (list.lineage === undefined && sender === 'peer') return false;
      if (list.lineage !== undefined && !containsMark(list.lineage, mark)) return false;
    }
    const revoked = new Set(list.revocations.map(({ nodeId }) => nodeId));
    const states = new Map(list.nodes.map(({ id, state }) => [id, state]));
    const keeps = ({ id, state }: NodeEntry): boolean => states.has(id) && (state !== 'removed' || states.get(id) === 'removed');
    return this.nodes.every(keeps) && [...this.#revoked].every((id) => revoked.has(id));
  }

  #hold(stored: StoredMembership): void {
    this.#stored = stored;
    this.#byId = new Map(stored.list.nodes.map((node) => [node.id, node]));
    this.#revoked = new Set(stored.list.revocations.map((revocation) => revocation.nodeId));
  }
}
