import type { ClusterRpcClient } from '../../base/cluster-rpc.ts';
import type { Outcome } from '../../base/outcome.ts';
import { failed } from '../../base/outcome.ts';
import type { Random } from '../../base/random.ts';
import { shuffled } from '../../base/random.ts';
import { spokenFailure } from '../../contracts/errors.ts';
import { refusalSentence } from '../../contracts/refusal-texts.ts';
import type { NodeRecord } from '../registry/node-record.ts';
import type { Registry } from '../registry/registry.ts';

const callTimeoutMs = 10_000;
const mostNodesTried = 3;

/** Calls to nodes on behalf of administrators. */
export interface NodeCalls {
  call(node: NodeRecord, method: string, body: unknown): Promise<Outcome<unknown>>;
  /** One healthy node that serves, and another when it cannot be reached. Failure: NotReady when there is none. */
  callAny(method: string, body: unknown): Promise<Outcome<unknown>>;
  healthy(): readonly NodeRecord[];
}

export function createNodeCalls(deps: {
  registry: Registry;
  rpc: ClusterRpcClient;
  random: Random;
  /** Whether the node says that it must not serve. */
  refuses: (nodeId: string) => boolean;
}): NodeCalls {
  const healthy = (): readonly NodeRecord[] =>
    deps.registry.records().filter(({ entry }) => entry.state === 'healthy' && !deps.refuses(entry.id));
  const call = (node: NodeRecord, method: string, body: unknown): Promise<Outcome<unknown>> =>
    deps.rpc.call({ url: node.entry.addresses.cluster, expected: { kind: 'node', nodeId: node.entry.id } }, method, body, {
      timeoutMs: callTimeoutMs,
    });
  return {
    call,
    healthy,
    callAny: async (method, body) => {
      let last: Outcome<unknown> = failed(spokenFailure('NotReady', refusalSentence('nobodyHealthy', {})));
      for (const node of shuffled(deps.random, healthy()).slice(0, mostNodesTried)) {
        last = await call(node, method, body);
        if (last.ok || last.failure.code !== 'Unreachable') return last;
      }
      return last;
    },
  };
}
