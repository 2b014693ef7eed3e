import { afterEach, describe, expect, it, vi } from 'vitest';
import type { DocumentStore } from '../../base/document-store.ts';
import { FailureError, unwrap } from '../../base/outcome.ts';
import type { EventView, NodeView, RingChangeView, RingPlan } from '../../contracts/admin-api.ts';
import { failure } from '../../contracts/errors.ts';
import { createMemoryDocumentStore } from '../testing/memory-document-store.ts';
import type { TestController } from '../testing/test-controller.ts';
import { startTestController } from '../testing/test-controller.ts';

const patience = { timeout: 25_000, interval: 50 };

interface ErrorAnswer {
  readonly error: { readonly code: string; readonly message: string };
}

describe('the first epoch', () => {
  const running: TestController[] = [];
  afterEach(async () => {
    for (const controller of running.splice(0)) await controller.stop();
  });

  async function withNodes(count: number, documents?: DocumentStore): Promise<TestController> {
    const controller = await startTestController(documents === undefined ? {} : { documents });
    running.push(controller);
    for (let index = 0; index < count; index++) await controller.join(`node-${index}`, { zone: `z${index % 3}` });
    await allHealthy(controller);
    return controller;
  }

  async function allHealthy(controller: TestController): Promise<void> {
    await vi.waitFor(async () => {
      const views = (await controller.api<NodeView[]>('GET', '/nodes')).body;
      expect(
        views.filter((view) => view.state !== 'removed').every((view) => view.state === 'healthy' && view.evidence.lastAnswerAtMs !== null),
      ).toBe(true);
    }, patience);
  }

  const changeOf = async (controller: TestController): Promise<RingChangeView | null> =>
    (await controller.api<RingChangeView | null>('GET', '/rings/change')).body;
  const ended = (controller: TestController, phase: string): Promise<RingChangeView> =>
    vi.waitFor(async () => {
      const view = await changeOf(controller);
      expect(view?.phase).toBe(phase);
      return view as RingChangeView;
    }, patience);
  const stored = (controller: TestController): string | undefined =>
    controller.documents.get<{ state: { kind: string } }>('rings', 'first-epoch')?.state.kind;

  it('is active though the disk takes no entry of its history, which comes later', { timeout: 40_000 }, async () => {
    const memory = createMemoryDocumentStore();
    let disk: 'works' | 'full' = 'full';
    const controller = await withNodes(3, {
      ...memory,
      commit: (changes) => {
        if (disk === 'full' && changes.some(({ collection }) => collection === 'ring-history'))
          throw new FailureError(failure('StorageFull', 'No space left for controller.sqlite.'));
        memory.commit(changes);
      },
    });
    expect(await controller.api('POST', '/rings', {})).toMatchObject({ status: 202 });
    await ended(controller, 'active');
    await vi.waitFor(async () => {
      const events = (await controller.api<EventView[]>('GET', '/events/history')).body;
      expect(events.map(({ kind }) => kind)).toContain('rings.active');
    }, patience);
    expect((await controller.api<unknown[]>('GET', '/rings/history')).body).toMatchObject([{ epoch: 1, outcome: 'active' }]);
    expect(memory.count('ring-history')).toBe(0);
    disk = 'works';
    await vi.waitFor(() => expect(memory.count('ring-history')).toBe(1), patience);
  });

  it('says that a full disk has interrupted it, and can be made again when there is room', { timeout: 40_000 }, async () => {
    const memory = createMemoryDocumentStore();
    let disk: 'works' | 'full' = 'full';
    const controller = await withNodes(3, {
      ...memory,
      commit: (changes) => {
        if (disk === 'full' && changes.some(({ collection }) => collection === 'rings'))
          throw new FailureError(failure('StorageFull', 'No space left for controller.sqlite.'));
        memory.commit(changes);
      },
    });
    await controller.api('POST', '/rings', {});
    const { failure: told } = await ended(controller, 'failed');
    expect(told).toMatchObject({ code: 'StorageFull', message: expect.stringContaining('create the rings again') as string });
    disk = 'works';
    expect(await controller.api('POST', '/rings', {})).toMatchObject({ status: 202 });
    await ended(controller, 'active');
  });

  it('needs three healthy nodes', { timeout: 30_000 }, async () => {
    const controller = await withNodes(2);
    const refused = await controller.api<ErrorAnswer>('POST', '/rings');
    expect(refused).toMatchObject({ status: 409, body: { error: { code: 'TooFewNodes' } } });
    expect(refused.body.error.message).toContain('there are 2');
  });

  it('is made by the shown plan, refuses an outdated one, and is made once', { timeout: 30_000 }, async () => {
    const controller = await withNodes(3);
    const plan = (await controller.api<RingPlan>('POST', '/rings/plan')).body;
    expect(plan.members.map((member) => member.name).sort()).toEqual(['node-0', 'node-1', 'node-2']);
    await controller.join('node-3');
    await allHealthy(controller);
    expect(await controller.api('POST', '/rings', { digest: plan.digest })).toMatchObject({
      status: 409,
      body: { error: { code: 'PlanOutdated' } },
    });
    expect(controller.nodes.some((node) => node.adopted)).toBe(false);
    const fresh = (await controller.api<RingPlan>('POST', '/rings/plan')).body;
    expect(await controller.api('POST', '/rings', { digest: fresh.digest })).toMatchObject({ status: 202 });
    const view = await ended(controller, 'active');
    expect(view).toMatchObject({ digest: fresh.digest, attempt: 1, startedBy: 'admin', failure: null });
    expect(view.nodes.every((node) => node.step === 'adopted')).toBe(true);
    expect(controller.nodes.map((node) => node.adopted?.digest)).toEqual(Array(4).fill(fresh.digest));
    expect(await controller.api('POST', '/rings')).toMatchObject({ status: 409, body: { error: { code: 'EpochConflict' } } });
    const late = await controller.join('late');
    await vi.waitFor(() => expect(late.adopted?.digest).toBe(fresh.digest), patience);
  });

  it('is made by the shown plan though speeds are measured meanwhile; the next plan has them', { timeout: 30_000 }, async () => {
    const controller = await withNodes(3);
    const plan = (await controller.api<RingPlan>('POST', '/rings/plan')).body;
    const measure = async (index: number, measuredWriteBytesPerSecond: number): Promise<void> => {
      const node = controller.nodes[index];
      if (!node) throw new Error('no node');
      node.status = { measuredWriteBytesPerSecond };
      await vi.waitFor(async () => {
        const view = (await controller.api<NodeView>('GET', `/nodes/${node.name}`)).body;
        expect(view.measured.writeBytesPerSecond).toBe(measuredWriteBytesPerSecond);
      }, patience);
    };
    const weights = async (): Promise<number[]> => {
      const { members } = (await controller.api<RingPlan>('POST', '/rings/plan')).body;
      return [...members].sort((left, right) => left.name.localeCompare(right.name)).map((member) => member.weight);
    };
    await measure(0, 4e8);
    // A measured speed says nothing beside speeds that are only declared.
    expect(await weights()).toEqual([100, 100, 100]);
    await measure(1, 1e8);
    await measure(2, 1e8);
    const slow = controller.nodes[1];
    if (!slow) throw new Error('no node');
    slow.hesitate = true;
    expect(await controller.api('POST', '/rings', { digest: plan.digest })).toMatchObject({ status: 202 });
    await vi.waitFor(() => expect(stored(controller)).toBe('chosen'), patience);
    await controller.api('DELETE', '/rings/change');
    await ended(controller, 'withdrawn');
    expect(await weights()).toEqual([200, 100, 100]);
    slow.hesitate = false;
    await vi.waitFor(async () => expect((await controller.api('POST', '/rings')).status).toBe(202), patience);
    await ended(controller, 'active');
    const views = (await controller.api<NodeView[]>('GET', '/nodes')).body;
    expect(views.map((view) => view.weight)).toEqual([200, 100, 100]);
  });

  it('plans a change of active rings: what comes, what moves, and weights to try out', { timeout: 30_000 }, async () => {
    const controller = await withNodes(3);
    expect((await controller.api('POST', '/rings')).status).toBe(202);
    await ended(controller, 'active');
    await controller.join('node-3', { zone: 'z0' });
    await allHealthy(controller);
    const plan = (await controller.api<RingPlan>('POST', '/rings/plan')).body;
    expect(plan).toMatchObject({ epoch: 2, changes: { added: [{ name: 'node-3', weight: 100 }], removed: [], reweighted: [] } });
    const shares = new Map(plan.members.map(({ name, share, shareBefore }) => [name, [shareBefore, share]]));
    expect(shares.get('node-3')?.[0]).toBe(0);
    expect(shares.get('node-1')?.[0]).toBeCloseTo(1 / 3, 3);
    // Zones are kept apart, so the new node takes half of its zone and nothing else.
    expect(plan.moves?.rings.map(({ replicas }) => replicas)).toEqual([512, 512, 512]);
    expect(plan.moves).toMatchObject({ names: 3 * 512 * 10, recordBytes: 3 * 512 * 1000, inlineBytes: 3 * 512 * 7, notCounted: [] });
    const full = plan.warnings.find(({ sentenceKey }) => sentenceKey === 'plan.overCapacity');
    expect(full?.sentenceValues).toMatchObject({ count: 1, names: expect.stringMatching(/^node-3 \d+ > 1$/) as string });
    const heavier = (await controller.api<RingPlan>('POST', '/rings/plan', { weights: { 'node-3': 300 } })).body;
    expect(heavier.moves?.rings.map(({ replicas }) => replicas)).toEqual([768, 768, 768]);
    expect(heavier.digest).not.toBe(plan.digest);
    expect((await controller.api<NodeView>('GET', '/nodes/node-3')).body.weightOverride).toBeUndefined();
  });

  it('refuses weights that make no sense, and changes nothing', { timeout: 30_000 }, async () => {
    const controller = await withNodes(3);
    const refusals = [
      [{ weights: { nobody: 5 } }, 404, 'NotFound', 'nobody'],
      [{ weights: { 'node-1': 1.5 } }, 400, 'InvalidArgument', '1.5'],
      [{ weights: { 'node-1': 'heavy' } }, 400, 'InvalidArgument', 'heavy'],
      [{ weights: { 'node-1': -1 } }, 400, 'InvalidArgument', '-1'],
      [{ weights: { 'node-1': 0, 'node-2': 0 } }, 409, 'TooFewNodes', 'there are 1'],
      [{ partitionPower: 30 }, 400, 'InvalidArgument', 'partitionPower'],
    ] as const;
    for (const path of ['/rings/plan', '/rings']) {
      for (const [body, status, code, said] of refusals) {
        const refused = await controller.api<ErrorAnswer>('POST', path, body);
        expect(refused).toMatchObject({ status, body: { error: { code } } });
        expect(refused.body.error.message).toContain(said);
      }
    }
    expect(stored(controller)).toBeUndefined();
    expect((await controller.api<NodeView>('GET', '/nodes/node-1')).body.weightOverride).toBeUndefined();
  });

  it('keeps the weights of the plan that it is made by', { timeout: 30_000 }, async () => {
    const controller = await withNodes(3);
    const plan = (await controller.api<RingPlan>('POST', '/rings/plan', { weights: { 'node-1': 250 } })).body;
    expect(await controller.api('POST', '/rings', { digest: plan.digest })).toMatchObject({ status: 202 });
    expect((await ended(controller, 'active')).digest).toBe(plan.digest);
    const view = (await controller.api<NodeView>('GET', '/nodes/node-1')).body;
    expect(view).toMatchObject({ weight: 250, weightOverride: 250 });
  });

  it('names a node that computes other rings, and stores nothing', { timeout: 30_000 }, async () => {
    const controller = await withNodes(3);
    const liar = controller.nodes[1];
    if (!liar) throw new Error('no node');
    liar.tamper = () => 'f'.repeat(64);
    const { digest } = (await controller.api<RingChangeView>('POST', '/rings')).body;
    const view = await ended(controller, 'failed');
    expect(view.failure?.code).toBe('DigestMismatch');
    for (const text of ['node-1', 'f'.repeat(64), digest]) expect(view.failure?.message).toContain(text);
    expect(view.failure?.spoken).toMatchObject({
      sentence: view.failure?.message,
      sentenceKey: 'ringFailure.otherRings',
      sentenceValues: { members: 3, digest },
      sentenceParts: [{ sentenceKey: 'ringPart.computed', sentenceValues: { name: 'node-1', digest: 'f'.repeat(64) } }],
    });
    expect(view.nodes.find((node) => node.name === 'node-1')).toMatchObject({ step: 'refused', digest: 'f'.repeat(64) });
    expect(stored(controller)).toBeUndefined();
    await vi.waitFor(async () => {
      const events = (await controller.api<EventView[]>('GET', '/events/history')).body;
      expect(events.find((event) => event.kind === 'rings.refused')).toMatchObject({ subject: 'node-1', severity: 'error' });
    }, patience);
    liar.tamper = undefined;
    await controller.api('POST', '/rings');
    expect(await ended(controller, 'active')).toMatchObject({ attempt: 1, digest });
  });

  it('leaves a refusing member out, revoked, and goes on with the next attempt', { timeout: 30_000 }, async () => {
    const controller = await withNodes(4);
    const refuser = controller.nodes[2];
    if (!refuser) throw new Error('no node');
    refuser.refuseAcknowledge = true;
    await controller.api('POST', '/rings');
    const view = await ended(controller, 'active');
    expect(view.attempt).toBe(2);
    expect(view.nodes.map((node) => node.name).sort()).toEqual(['node-0', 'node-1', 'node-3']);
    const others = controller.nodes.filter((node) => node !== refuser);
    expect(others.every((node) => node.withdrawn === 1 && node.adopted?.proposal.attempt === 2)).toBe(true);
    expect(refuser.adopted).toBeUndefined();
    expect((await controller.api<NodeView>('GET', '/nodes/node-2')).body.state).toBe('removed');
    const announced = await refuser.announce();
    expect(announced.ok).toBe(false);
  });

  it('is withdrawn by an administrator while a member hesitates, and can be made again', { timeout: 30_000 }, async () => {
    const controller = await withNodes(3);
    const slow = controller.nodes[0];
    if (!slow) throw new Error('no node');
    slow.hesitate = true;
    await controller.api('POST', '/rings');
    await vi.waitFor(() => expect(stored(controller)).toBe('chosen'), patience);
    expect((await controller.api('DELETE', '/rings/change')).status).toBe(204);
    await ended(controller, 'withdrawn');
    await vi.waitFor(() => expect(stored(controller)).toBe('none'), patience);
    expect(controller.nodes.every((node) => node.withdrawn === 1 && node.adopted === undefined)).toBe(true);
    slow.hesitate = false;
    await vi.waitFor(async () => expect((await controller.api('POST', '/rings')).status).toBe(202), patience);
    expect(await ended(controller, 'active')).toMatchObject({ attempt: 2 });
  });

  it('is taken up again after a crash of the Controller, between every two steps', { timeout: 60_000 }, async () => {
    const first = await withNodes(3);
    const slow = first.nodes[0];
    if (!slow) throw new Error('no node');
    slow.hesitate = true;
    await first.api('POST', '/rings');
    await vi.waitFor(() => expect(stored(first)).toBe('chosen'), patience);
    const chosen = first.documents.get('rings', 'first-epoch');
    await first.service.stop();
    slow.hesitate = false;
    const again = async (): Promise<TestController> => {
      const controller = await startTestController({ documents: first.documents });
      running.push(controller);
      return controller;
    };
    const second = await again();
    await vi.waitFor(() => expect(first.nodes.every((node) => node.adopted)).toBe(true), patience);
    expect((await ended(second, 'active')).attempt).toBe(1);
    await second.service.stop();
    // As if the crash had come after the acknowledgements and before the certificate was stored: it is made again, the same.
    const digest = slow.adopted?.digest;
    first.documents.commit([{ kind: 'put', collection: 'rings', key: 'first-epoch', document: chosen }]);
    const third = await again();
    await ended(third, 'active');
    expect(slow.adopted?.digest).toBe(digest);
    expect(stored(third)).toBe('certified');
    // And a node that lost the push gets it by the next probe.
    slow.forgetEpoch();
    await vi.waitFor(() => expect(slow.adopted?.digest).toBe(digest), patience);
    expect(unwrap(await slow.announce(undefined, third.service.clusterUrl))).toMatchObject({ certificateEpoch: { digest } });
  });
});
