import Type, { type Static, type TSchema } from 'typebox';
import type { LogTail } from '../../base/log-tail.ts';
import type { ClusterIdentity, ClusterRpcServer } from '../../base/cluster-rpc.ts';
import { DisposableStore, type Disposable } from '../../base/lifecycle.ts';
import { failed, success, type Outcome } from '../../base/outcome.ts';
import type { Clock } from '../../base/clock.ts';
import {
  AccountCommand,
  ObjectsHeldRequest,
  RecordLoadsRequest,
  ResolveRequest,
  RingsAcknowledgeRequest,
  RingsAdoptRequest,
  RingsConfirmRequest,
  RingsWithdrawRequest,
  StatusRequest,
} from '../../contracts/cluster-messages.ts';
import { epochRefusalSentence } from '../../contracts/epoch-refusal-texts.ts';
import { spokenFailure } from '../../contracts/errors.ts';
import { nameRefusalSentence } from '../../contracts/name-refusal-texts.ts';
import { LogTailRequest } from '../../contracts/insight.ts';
import { MembershipUpdate } from '../../contracts/membership.ts';
import type { RegisterStore } from '../../register/register-store.ts';
import type { NameHasher } from '../../ring/name-hasher.ts';
import type { AdminCloudController } from '../admin-cloud-controller/admin-cloud-controller.ts';
import { createMessageChecker } from '../admin-cloud-controller/message.ts';
import type { ReplicaDigests } from '../admin-cloud-controller/replica-digests.ts';
import type { Healing } from '../healing/healing.ts';
import type { Names } from '../names/names.ts';
import type { ObjectsHeld } from '../storage/objects-held.ts';
import { serveHealing } from './healing-api.ts';
import { runAccountCommand } from './account-command.ts';
import { nodeStatus, type BlobsHeld } from './node-status.ts';
import { recordLoads } from './record-loads.ts';
import { resolveName } from './resolve-name.ts';
import { showRings } from './rings-show.ts';
import type { Traffic } from './traffic.ts';

export interface ClusterApiDeps {
  readonly clock: Clock;
  readonly server: ClusterRpcServer;
  readonly controller: AdminCloudController;
  readonly names: Names;
  readonly hasher: NameHasher;
  readonly registers: RegisterStore;
  readonly objectsHeld: ObjectsHeld;
  readonly digests: Pick<ReplicaDigests, 'compare'>;
  readonly blobsHeld: BlobsHeld;
  readonly healing: Healing;
  readonly traffic: Pick<Traffic, 'counters'>;
  readonly logTail: LogTail | undefined;
  readonly instanceId: string;
  readonly softwareVersion: string;
}

type Who = readonly ClusterIdentity['kind'][];
const controllerOnly: Who = ['controller'];
const everyMember: Who = ['controller', 'node'];

/** What the Controller and other nodes may call here (contracts/cluster-messages.ts). Every body is checked first. */
export function serveClusterApi(deps: ClusterApiDeps): Disposable {
  const { controller, names, clock } = deps;
  const { epochs } = controller;
  const handlers = new DisposableStore();

  const serve = <S extends TSchema>(
    method: string,
    who: Who,
    schema: S,
    handler: (body: Static<S>, from: ClusterIdentity) => Promise<Outcome<unknown>>,
  ): void => {
    const checker = createMessageChecker(method, schema);
    handlers.add(
      deps.server.handle(method, who, async (request) => {
        const checked = checker.check(request.body ?? {});
        return checked.ok ? handler(checked.value, request.from) : checked;
      }),
    );
  };

  serve('status', everyMember, StatusRequest, async (body) => success(await nodeStatus(deps, body.askAbout)));
  serve('membership-push', controllerOnly, MembershipUpdate, async (update) => {
    const applied = await controller.membership.apply(update);
    if (!applied.ok) return applied;
    if (applied.value.kind === 'gap') controller.askMembership(applied.value.version);
    const { version, digest } = controller.membership;
    return success({ version, ...(digest !== undefined && { digest }) });
  });
  serve('membership-whole', controllerOnly, Type.Object({}), () => {
    const whole = controller.membership.whole();
    return Promise.resolve(whole === undefined ? failed(spokenFailure('NotFound', epochRefusalSentence('noList', {}))) : success(whole));
  });

  const fromGenesisController = (from: ClusterIdentity): Outcome<void> => {
    const { controllerId } = controller.identity.genesis;
    if (from.kind === 'controller' && from.controllerId === controllerId) return success(undefined);
    return failed(spokenFailure('AccessDenied', epochRefusalSentence('onlyGenesis', { controller: controllerId })));
  };
  serve('rings-confirm', controllerOnly, RingsConfirmRequest, async ({ proposal }, from) => {
    const allowed = fromGenesisController(from);
    if (!allowed.ok) return allowed;
    const startedMs = clock.monotonicMs();
    const rings = epochs.confirm(proposal);
    return Promise.resolve(rings.ok ? success({ digest: rings.value.digest, computedInMs: clock.monotonicMs() - startedMs }) : rings);
  });
  serve('rings-acknowledge', controllerOnly, RingsAcknowledgeRequest, async ({ proposal, digest }, from) => {
    const allowed = fromGenesisController(from);
    return allowed.ok ? epochs.acknowledge(proposal, digest) : allowed;
  });
  serve('rings-withdraw', controllerOnly, RingsWithdrawRequest, async ({ epoch, attempt }, from) => {
    const allowed = fromGenesisController(from);
    return allowed.ok ? epochs.withdraw(epoch, attempt) : allowed;
  });
  serve('rings-adopt', everyMember, RingsAdoptRequest, async ({ certificate }, from) => {
    const adopted = await epochs.adopt(certificate, fromGenesisController(from).ok ? 'controller' : 'peer');
    return adopted.ok ? success({ epoch: adopted.value.certificate.proposal.epoch, digest: adopted.value.rings.digest }) : adopted;
  });
  const epochChange = deps.server.handle('epoch-change', controllerOnly, (request) => controller.changes.handle(null, request.body));
  handlers.add(epochChange);
  serve('rings-show', everyMember, Type.Object({}), () => Promise.resolve(success(showRings(epochs.current))));

  serve('log-tail', controllerOnly, LogTailRequest, ({ limit }) => Promise.resolve(success({ lines: deps.logTail?.latest(limit) ?? [] })));
  serve('record-loads', controllerOnly, RecordLoadsRequest, async (body) =>
    epochs.active === null
      ? failed(spokenFailure('NotReady', nameRefusalSentence('noRingsNoRecords', {})))
      : success(await recordLoads(clock, deps.registers, epochs.active, body)),
  );
  serve('objects-held', controllerOnly, ObjectsHeldRequest, (body) => deps.objectsHeld.page(body));
  serve('replicas-compare', controllerOnly, Type.Object({}), async () =>
    epochs.active === null
      ? failed(spokenFailure('NotReady', nameRefusalSentence('noRingsNoReplicas', {})))
      : success(await deps.digests.compare(epochs.active)),
  );
  serve('resolve', controllerOnly, ResolveRequest, (body) =>
    resolveName({ names, hasher: deps.hasher, epochs, cluster: controller.clusterMap }, body),
  );
  const known = (): { epoch: number; membershipVersion: number } => ({
    epoch: epochs.active?.certificate.proposal.epoch ?? 0,
    membershipVersion: controller.membership.version,
  });
  serveHealing(deps.healing, known, serve);
  serve('account-command', controllerOnly, AccountCommand, (body) => runAccountCommand({ names, registers: deps.registers }, body));
  return handlers;
}
