import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { silentLogger, type LogFields } from '../../base/logger.ts';
import type { Outcome } from '../../base/outcome.ts';
import { unwrap } from '../../base/outcome.ts';
import type { ClusterView, EventView, NodeView, TokenView } from '../../contracts/admin-api.ts';
import { joinFakeNode, type FakeNode } from '../testing/fake-node.ts';
import { createFillingDisk, type FillingDisk } from '../testing/filling-disk.ts';
import { freePort, startTestController, type TestController } from '../testing/test-controller.ts';

describe("joining while the Controller's disk is full", { timeout: 30_000 }, () => {
  let controller: TestController;
  let disk: FillingDisk;
  let said: { fields: LogFields; message: string }[];

  beforeEach(async () => {
    disk = createFillingDisk();
    said = [];
    const note = (fields: LogFields, message: string): void => void said.push({ fields, message });
    controller = await startTestController({
      documents: disk.documents,
      logger: { ...silentLogger, error: note, child: () => ({ ...silentLogger, error: note }) },
    });
  });
  afterEach(async () => {
    disk.state = 'works';
    await controller.stop();
  });

  const nodes = async (): Promise<string[]> =>
    (await controller.api<NodeView[]>('GET', '/nodes')).body.map(({ parameters }) => parameters.name);
  const version = async (): Promise<number> => (await controller.api<ClusterView>('GET', '/cluster')).body.membershipVersion;
  const tokens = async (): Promise<string[]> => (await controller.api<TokenView[]>('GET', '/tokens')).body.map(({ state }) => state);
  const kinds = async (): Promise<string[]> => (await controller.api<EventView[]>('GET', '/events/history')).body.map(({ kind }) => kind);

  it('is refused by name, registers nothing, leaves the token good, and works once there is space', async () => {
    const token = await controller.token();
    const keyPem = await controller.ports.pki.createKey();
    const before = await version();
    const tryJoin = async (): Promise<Outcome<FakeNode>> =>
      joinFakeNode(controller.ports, { controllerUrl: controller.service.clusterUrl, name: 'late', port: await freePort(), token, keyPem });

    disk.state = 'full';
    for (let attempt = 0; attempt < 3; attempt++) {
      const refused = await tryJoin();
      expect(refused).toMatchObject({
        ok: false,
        failure: { code: 'StorageFull', message: expect.stringContaining('disk of the Controller') },
      });
      // Where its data lie is none of the caller's business.
      expect(JSON.stringify(refused)).not.toContain('/data');
    }
    expect([await nodes(), await version(), await tokens()]).toEqual([[], before, ['open']]);
    expect(said).toContainEqual({
      fields: { error: 'No space left for /data/controller.sqlite.', method: 'join' },
      message: 'refused: the disk is full',
    });

    disk.state = 'works';
    const joined = unwrap(await tryJoin());
    controller.nodes.push(joined);
    expect([await nodes(), await tokens()]).toEqual([['late'], ['used']]);
    // The refusals waited in memory, and count once a minute.
    await vi.waitFor(async () => expect((await kinds()).filter((kind) => kind === 'token.refused')).toHaveLength(1), 15_000);
  });

  it('takes no announcement of a node that was started again, and tells of its return once', async () => {
    const node = await controller.join('one');
    node.status = { instanceId: 'second start' };
    disk.state = 'full';
    for (let attempt = 0; attempt < 3; attempt++)
      expect(await node.announce('second start')).toMatchObject({ ok: false, failure: { code: 'StorageFull' } });
    expect(await nodes()).toEqual(['one']);
    disk.state = 'works';
    expect(await node.announce('second start')).toMatchObject({ ok: true });
    await vi.waitFor(async () => expect((await kinds()).filter((kind) => kind === 'node.restarted')).toHaveLength(1), 15_000);
  });
});
