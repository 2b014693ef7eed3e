import type { ClusterRpcClient } from '../../base/cluster-rpc.ts';
import type { Outcome } from '../../base/outcome.ts';
import { failed, success } from '../../base/outcome.ts';
import type { Pki } from '../../base/pki.ts';
import { RecordLoadsAnswer, RingsAcknowledgeAnswer, RingsConfirmAnswer, RingsWithdrawAnswer } from '../../contracts/cluster-messages.ts';
import type { EpochAcknowledgement, EpochCertificate, EpochProposal } from '../../contracts/epoch.ts';
import { callSentence } from '../../contracts/call-texts.ts';
import { epochRefusalSentence } from '../../contracts/epoch-refusal-texts.ts';
import { spokenFailure } from '../../contracts/errors.ts';
import type { RingName } from '../../contracts/ids.ts';
import { isSignedByMember } from '../../epochs/member-signature.ts';
import { acknowledgementText, verifyFirstEpochCertificate } from '../../epochs/verify-certificate.ts';
import type { Registry } from '../registry/registry.ts';
import { validator } from '../validate.ts';

const computeTimeoutMs = 30_000;
const checkConfirm = validator(RingsConfirmAnswer, 'confirmation of rings');
const checkAcknowledge = validator(RingsAcknowledgeAnswer, 'acknowledgement of rings');
const checkLoads = validator(RecordLoadsAnswer, 'count of records');
const checkWithdraw = validator(RingsWithdrawAnswer, 'answer to a withdrawal');

export type AcknowledgeAnswer =
  | { readonly kind: 'acknowledged'; readonly acknowledgement: EpochAcknowledgement }
  | { readonly kind: 'certified'; readonly certificate: EpochCertificate };
export type WithdrawAnswer = { readonly kind: 'withdrawn' } | { readonly kind: 'certified'; readonly certificate: EpochCertificate };

/** The calls about rings to one member; every answer is checked, signatures included. */
export interface MemberCalls {
  confirm(nodeId: string, proposal: EpochProposal, signal: AbortSignal): Promise<Outcome<string>>;
  acknowledge(nodeId: string, proposal: EpochProposal, digest: string, signal: AbortSignal): Promise<Outcome<AcknowledgeAnswer>>;
  withdraw(nodeId: string, epoch: number, attempt: number, signal: AbortSignal): Promise<Outcome<WithdrawAnswer>>;
  /** What the node holds of a ring's partitions; a page. */
  recordLoads(nodeId: string, ring: RingName, fromPartition: number, signal: AbortSignal): Promise<Outcome<RecordLoadsAnswer>>;
  adopt(nodeId: string, certificate: EpochCertificate, signal: AbortSignal): Promise<Outcome<void>>;
}

export function createMemberCalls(deps: {
  rpc: ClusterRpcClient;
  registry: Registry;
  pki: Pki;
  authorityPem: string;
  clusterId: string;
}): MemberCalls {
  const call = async (nodeId: string, method: string, body: unknown, signal: AbortSignal): Promise<Outcome<unknown>> => {
    const record = deps.registry.get(nodeId);
    if (!record) return failed(spokenFailure('NotFound', callSentence('notListed', { id: nodeId })));
    return deps.rpc.call({ url: record.entry.addresses.cluster, expected: { kind: 'node', nodeId } }, method, body, {
      timeoutMs: computeTimeoutMs,
      signal,
    });
  };
  const verified = async (certificate: EpochCertificate): Promise<Outcome<{ kind: 'certified'; certificate: EpochCertificate }>> => {
    const sound = await verifyFirstEpochCertificate(deps.pki, certificate, deps);
    return sound.ok ? success({ kind: 'certified', certificate }) : sound;
  };
  return {
    confirm: async (nodeId, proposal, signal) => {
      const outcome = await call(nodeId, 'rings-confirm', { proposal }, signal);
      const answer = outcome.ok ? checkConfirm(outcome.value) : outcome;
      return answer.ok ? success(answer.value.digest) : answer;
    },
    acknowledge: async (nodeId, proposal, digest, signal) => {
      const outcome = await call(nodeId, 'rings-acknowledge', { proposal, digest }, signal);
      const answer = outcome.ok ? checkAcknowledge(outcome.value) : outcome;
      if (!answer.ok) return answer;
      if ('certificate' in answer.value) return verified(answer.value.certificate);
      const { acknowledgement } = answer.value;
      const text = acknowledgementText(proposal, digest);
      const genuine = acknowledgement.nodeId === nodeId && (await isSignedByMember(deps.pki, acknowledgement, text, deps, 'fresh'));
      if (!genuine) return failed(spokenFailure('AccessDenied', epochRefusalSentence('acknowledgedByOther', { id: nodeId })));
      return success({ kind: 'acknowledged', acknowledgement });
    },
    withdraw: async (nodeId, epoch, attempt, signal) => {
      const outcome = await call(nodeId, 'rings-withdraw', { epoch, attempt }, signal);
      const answer = outcome.ok ? checkWithdraw(outcome.value) : outcome;
      if (!answer.ok) return answer;
      return 'certificate' in answer.value ? verified(answer.value.certificate) : success({ kind: 'withdrawn' });
    },
    recordLoads: async (nodeId, ring, fromPartition, signal) => {
      const outcome = await call(nodeId, 'record-loads', { ring, fromPartition }, signal);
      return outcome.ok ? checkLoads(outcome.value) : outcome;
    },
    adopt: async (nodeId, certificate, signal) => {
      const outcome = await call(nodeId, 'rings-adopt', { certificate }, signal);
      return outcome.ok ? success(undefined) : outcome;
    },
  };
}
