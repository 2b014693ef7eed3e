import type { JoinClient } from '../../base/cluster-endpoint.ts';
import { failed, success, type Outcome } from '../../base/outcome.ts';
import type { Pki } from '../../base/pki.ts';
import { genesisSignatureText } from '../../contracts/canonical-json.ts';
import { JoinAnswer, type JoinRequest } from '../../contracts/cluster-messages.ts';
import { failure } from '../../contracts/errors.ts';
import type { MembershipUpdate, NodeAddresses, NodeParameters } from '../../contracts/membership.ts';
import type { IdentityStore, NodeIdentity } from './identity.ts';
import { parseJoinToken } from './join-token.ts';
import { createMessageChecker } from './message.ts';

export interface JoinDeps {
  readonly joinClient: JoinClient;
  readonly pki: Pki;
  readonly identities: IdentityStore;
}

export interface JoinOptions {
  readonly controllerUrl: string;
  readonly token: string;
  readonly parameters: NodeParameters;
  readonly addresses: NodeAddresses;
  readonly instanceId: string;
}

const answerChecker = createMessageChecker('join answer', JoinAnswer);
const timeoutMs = 20_000;

/**
 * Joins a cluster: the Controller's CA is compared with the digest in the token first, only then is
 * the secret sent over a connection that trusts this CA alone. The identity is durable on return.
 */
export async function joinCluster(
  deps: JoinDeps,
  options: JoinOptions,
): Promise<Outcome<{ identity: NodeIdentity; membership: MembershipUpdate }>> {
  const token = parseJoinToken(options.token);
  if (!token.ok) return token;
  const authority = await deps.joinClient.fetchAuthority(options.controllerUrl, token.value.authorityDigest, { timeoutMs });
  if (!authority.ok) return authority;
  const keyPem = await deps.identities.key();
  const request: JoinRequest = {
    format: 1,
    tokenId: token.value.id,
    secret: token.value.secret,
    certificateRequest: await deps.pki.createRequest(keyPem),
    parameters: options.parameters,
    addresses: options.addresses,
    instanceId: options.instanceId,
  };
  const called = await deps.joinClient.call(options.controllerUrl, authority.value, 'join', request, { timeoutMs });
  if (!called.ok) return called;
  const answer = answerChecker.check(called.value);
  if (!answer.ok) return answer;
  const sound = await checkAnswer(deps.pki, answer.value, authority.value, keyPem);
  if (!sound.ok) return sound;
  const { nodeId, certificate, controllerCertificate, genesis, membership } = answer.value;
  const before = deps.identities.identity();
  if (before !== undefined && (before.clusterId !== genesis.clusterId || before.nodeId !== nodeId)) {
    return failed(
      failure(
        'WrongCluster',
        `This data directory belongs to node ${before.nodeId} of cluster ${before.clusterId}; the token is for cluster ${genesis.clusterId}. Use an empty data directory.`,
      ),
    );
  }
  const identity: NodeIdentity = {
    format: 1,
    nodeId,
    clusterId: genesis.clusterId,
    certificatePem: certificate,
    authorityPem: authority.value,
    controllerCertificatePem: controllerCertificate,
    genesis,
  };
  deps.identities.save(identity);
  return success({ identity, membership });
}

/** Everything in the answer must hang together under the CA that the token named. */
async function checkAnswer(pki: Pki, answer: JoinAnswer, authorityPem: string, keyPem: string): Promise<Outcome<void>> {
  const wrong = (what: string): Outcome<void> =>
    failed(
      failure(
        'WrongCluster',
        `The Controller's answer to the join does not fit: ${what}. Check the Controller's address and create a new token.`,
      ),
    );
  const { genesis, nodeId } = answer;
  const own = pki.inspect(answer.certificate);
  if (own === undefined || own.kind !== 'node' || own.id !== nodeId || own.clusterId !== genesis.clusterId)
    return wrong('the certificate is for somebody else');
  if (!(await pki.isIssuedBy(answer.certificate, authorityPem))) return wrong('the certificate is not from the CA of the token');
  if ((await pki.publicKeyDigest(answer.certificate)) !== (await pki.publicKeyDigest(keyPem)))
    return wrong('the certificate is for another key');
  const controller = pki.inspect(answer.controllerCertificate);
  if (controller === undefined || controller.kind !== 'controller' || controller.clusterId !== genesis.clusterId)
    return wrong("the Controller's certificate is for somebody else");
  if (!(await pki.isIssuedBy(answer.controllerCertificate, authorityPem)))
    return wrong("the Controller's certificate is not from the CA of the token");
  if (controller.id !== genesis.controllerId)
    return wrong(`the genesis record names the Controller ${genesis.controllerId}, not ${controller.id}`);
  if (!(await pki.verify(authorityPem, genesisSignatureText(genesis), genesis.signature)))
    return wrong('the genesis record is not signed by the CA');
  return success(undefined);
}
