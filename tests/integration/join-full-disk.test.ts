import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { McosProcess } from '../../backend/bin/demo/mcos-process.ts';
import type { ClusterView, NodeView, TokenView } from '../../backend/contracts/admin-api.ts';
import { createToken, startController, startNode, untilHealthy, type TestController } from './support/cluster.ts';
import { isAlive, temporaryDirectory } from './support/demo.ts';
import { runMcos } from './support/mcos.ts';
import { mountSmallDisk, whyNoSmallDisk, type SmallDisk } from './support/small-disk.ts';

const basePort = 19_960;
const obstacle = await whyNoSmallDisk();
if (obstacle !== undefined)
  console.log(`left out: a join while the Controller's disk is full, because a small file system cannot be mounted here (${obstacle})`);

describe.skipIf(obstacle !== undefined)("a join while the Controller's disk is full", () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let disk: SmallDisk;
  let controller: TestController;
  let node: McosProcess | undefined;

  beforeAll(async () => {
    directory = await temporaryDirectory('join-full-disk');
    disk = await mountSmallDisk(join(directory.path, 'controller'), 16 << 20);
    controller = await startController(directory.path, basePort);
  });
  afterAll(async () => {
    await controller?.admin.close();
    await node?.stop();
    await controller?.process.stop();
    await disk?.unmount();
    await directory.remove();
  });

  async function registered(): Promise<unknown> {
    const [nodes, cluster, tokens] = await Promise.all([
      controller.admin.get<NodeView[]>('/nodes'),
      controller.admin.get<ClusterView>('/cluster'),
      controller.admin.get<TokenView[]>('/tokens'),
    ]);
    return { names: nodes.map(({ parameters }) => parameters.name), version: cluster.membershipVersion, tokens };
  }

  it('ends with the reason, leaves nothing half done, and works with the same token once there is space', async () => {
    const token = await createToken(controller);
    const before = await registered();
    await disk.fill();
    const flags = ['--data', join(directory.path, 'late'), '--name', 'late', '--zone', 'z', '--base-port', String(basePort + 10)];
    for (let attempt = 0; attempt < 2; attempt++) {
      const refused = await runMcos(
        ['node', 'start', ...flags, '--controller', controller.clusterUrl, '--join', token, '--json'],
        {},
        60_000,
      );
      expect(refused.code, refused.stderr).toBe(1);
      expect(refused.stderr).toContain('"code":"StorageFull"');
      expect(refused.stderr).toContain('The disk of the Controller has no space left');
    }
    expect(await registered()).toEqual(before);
    expect(isAlive(controller.process.pid)).toBe(true);

    await disk.empty();
    node = await startNode(directory.path, { name: 'late', basePort: basePort + 10, clusterUrl: controller.clusterUrl, token });
    await untilHealthy(controller, ['late']);
    expect(await registered()).toMatchObject({ names: ['late'], tokens: [{ state: 'used', usedBy: 'late' }] });
  });
});
