import { clusterRpcContract, type RpcParty } from '../../../tests/contract/network/cluster-rpc-contract.ts';
import { peerTransportContract } from '../../../tests/contract/network/peer-transport-contract.ts';
import { createTestCluster, type TestMember } from '../../../tests/contract/network/test-cluster.ts';

peerTransportContract('WebSockets over mutual TLS', async (nodeIds) => {
  const cluster = await createTestCluster();
  const members = new Map<string, TestMember>();
  for (const id of nodeIds) members.set(id, await cluster.start('node', id));
  const member = (id: string): TestMember => members.get(id) as TestMember;
  return {
    transport: (id) => member(id).endpoint.peers,
    stop: (id) => member(id).endpoint.stop(),
    restart: async (id) => {
      members.set(id, await cluster.start('node', id, { credentials: member(id).credentials }));
    },
    settle: (promise) => promise,
    close: () => cluster.stop(),
  };
});

clusterRpcContract('HTTPS with mutual TLS', async () => {
  const cluster = await createTestCluster();
  const party = (member: TestMember): RpcParty => ({
    id: member.id,
    target: { url: member.url, expected: member.kind === 'node' ? { kind: 'node', nodeId: member.id } : { kind: 'controller' } },
    server: member.endpoint.rpcServer,
    client: member.endpoint.rpcClient,
  });
  return {
    controller: party(await cluster.start('controller', 'c'.repeat(16))),
    one: party(await cluster.start('node', '1'.repeat(16))),
    two: party(await cluster.start('node', '2'.repeat(16))),
    nowhere: 'https://127.0.0.1:1',
    settle: (promise) => promise,
    close: () => cluster.stop(),
  };
});
