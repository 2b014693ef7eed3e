import type { Static, TSchema } from 'typebox';
import type { ClusterIdentity } from '../../base/cluster-rpc.ts';
import { success, type Outcome } from '../../base/outcome.ts';
import { CopiesNamedRequest } from '../../contracts/drain.ts';
import { HealingCheck, HealingCommand, HealingVerify } from '../../contracts/healing.ts';
import type { Healing } from '../healing/healing.ts';

type Serve = <S extends TSchema>(
  method: string,
  who: readonly ClusterIdentity['kind'][],
  schema: S,
  handler: (body: Static<S>, from: ClusterIdentity) => Promise<Outcome<unknown>>,
) => void;

/** What the Controller and other nodes may ask of the healer here. */
export function serveHealing(healing: Healing, known: () => { epoch: number; membershipVersion: number }, serve: Serve): void {
  serve('healing-command', ['controller'], HealingCommand, ({ command }) => {
    if (command === 'pause') healing.pause();
    else if (command === 'resume') healing.resume();
    else if (command === 'scrub') healing.scrub();
    return Promise.resolve(success(healing.status()));
  });
  serve('copies-named', ['controller'], CopiesNamedRequest, async ({ nodeId }) => {
    // Both are read first: what is counted is at least as new.
    const { epoch, membershipVersion } = known();
    return success({ epoch, membershipVersion, ...(await healing.countNamed(nodeId)) });
  });
  serve('healing-verify', ['node'], HealingVerify, ({ nodeId }) => {
    healing.verify(nodeId);
    return Promise.resolve(success({}));
  });
  serve('healing-check', ['node'], HealingCheck, ({ ids }) => {
    healing.check(ids);
    return Promise.resolve(success({}));
  });
}
