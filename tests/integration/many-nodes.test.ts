import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClusterView, NodeView } from '../../backend/contracts/admin-api.ts';
import { createToken, startController, type TestController } from './support/cluster.ts';
import { temporaryDirectory } from './support/demo.ts';
import type { FromGroup, GroupMember, HeldSince, ListHeld, ToGroup } from './support/node-group.ts';
import { until } from './support/wait.ts';

const basePort = 20_500;
const nodeCount = 50;
/** So many real Cloud Services share a process: one process each would need more than a test machine has. */
const groupCount = 5;
/** The list is the same everywhere two seconds after the last join; held at three times on shared machines. */
const convergenceMs = 2_000 * 3;
/** Version, digest, signature and the like around the entries of one push. */
const frameBytes = 700;

/** Wall clock at which, for the first time, every node durably held one and the same list of all nodes. */
function oneListSinceMs(histories: readonly (readonly HeldSince[])[]): number {
  const [first = []] = histories;
  const since = first
    .filter((held) => held.size === nodeCount)
    .map((wanted) => {
      const spans = histories.map((history) => {
        const index = history.findIndex((held) => held.version === wanted.version && held.listDigest === wanted.listDigest);
        return { from: history[index]?.atMs ?? Infinity, to: history[index + 1]?.atMs ?? Infinity };
      });
      const from = Math.max(...spans.map((span) => span.from));
      return from < Math.min(...spans.map((span) => span.to)) ? from : Infinity;
    });
  return Math.min(...since);
}

class Group {
  readonly #child: ChildProcess;
  #waiting: { resolve: (message: FromGroup) => void; reject: (error: Error) => void } | undefined;

  constructor() {
    this.#child = fork(fileURLToPath(new URL('support/node-group.ts', import.meta.url)), {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      // A session of its own gets a fair share of a machine that others use as well.
      detached: true,
    });
    this.#child.on('message', (message: FromGroup) => {
      if (message.kind === 'failed') this.#waiting?.reject(new Error(message.reason));
      else this.#waiting?.resolve(message);
    });
    this.#child.on('exit', (code) => this.#waiting?.reject(new Error(`a group of nodes ended with ${String(code)}`)));
  }

  /** One order at a time. */
  ask(message: ToGroup): Promise<FromGroup> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#child.send(message);
    });
  }

  async lists(): Promise<readonly ListHeld[]> {
    const answer = await this.ask({ kind: 'look' });
    return answer.kind === 'seen' ? answer.lists : [];
  }

  async stop(): Promise<void> {
    const exited = new Promise<void>((resolve) => this.#child.once('exit', () => resolve()));
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    await this.ask({ kind: 'stop' }).catch(() => this.#child.kill('SIGKILL'));
    await exited;
  }
}

describe('fifty Cloud Services', () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let controller: TestController;
  const groups: Group[] = [];

  beforeAll(async () => {
    directory = await temporaryDirectory('many');
    controller = await startController(directory.path, basePort);
    const tokens: string[] = [];
    for (let number = 0; number < nodeCount; number++) tokens.push(await createToken(controller));
    const members = tokens.map((token, number): GroupMember => ({
      name: `node-${number}`,
      directory: directory.path,
      token,
      basePort: basePort + 10 + 10 * number,
      twice: number % 3 === 0,
    }));
    for (let index = 0; index < groupCount; index++) {
      const group = new Group();
      groups.push(group);
      const own = members.filter((_, number) => number % groupCount === index);
      await group.ask({ kind: 'prepare', controllerUrl: controller.clusterUrl, members: own });
    }
  });

  afterAll(async () => {
    await Promise.all(groups.map((group) => group.stop()));
    await controller.admin.close();
    await controller.process.stop();
    await directory.remove();
  });

  const allLists = async (): Promise<ListHeld[]> => (await Promise.all(groups.map((group) => group.lists()))).flat();
  const nodes = (): Promise<NodeView[]> => controller.admin.get<NodeView[]>('/nodes');
  const version = async (): Promise<number> => (await controller.admin.get<ClusterView>('/cluster')).membershipVersion;

  /** Asks for one number: looking costs the machine what is being measured. */
  const healthy = async (): Promise<number> => (await controller.admin.get<ClusterView>('/cluster')).counts.healthy;

  async function pushed(): Promise<{ bytes: number; pushes: number }> {
    const text = await (await fetch(`${controller.consoleUrl}/metrics`)).text();
    const sum = (name: string): number =>
      [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\d+)$`, 'gm'))].reduce((total, match) => total + Number(match[1]), 0);
    return { bytes: sum('mcos_membership_pushed_bytes_total'), pushes: sum('mcos_membership_pushes_total') };
  }

  /** One version and one digest on the disk of every node that counts, and it is the Controller's. */
  async function oneList(without: string | null = null): Promise<ListHeld | null> {
    const lists = (await allLists()).filter((list) => list.name !== without);
    const [first] = lists;
    const current = await version();
    const same = lists.every((list) => list.version === current && list.listDigest === first?.listDigest && list.size === nodeCount);
    return first !== undefined && same ? first : null;
  }

  it('join at the same time, some of them twice: one list everywhere, for bytes that grow with nodes and changes', async () => {
    const before = { version: await version(), ...(await pushed()) };
    const joined = Promise.all(groups.map((group) => group.ask({ kind: 'start' })));
    expect((await joined).every((answer) => answer.kind === 'joined')).toBe(true);
    const settled = await until(
      'all to be healthy, and one list everywhere',
      async () => ((await healthy()) === nodeCount ? oneList() : null),
      convergenceMs * 4,
    );
    const views = await nodes();
    const lists = await allLists();
    const lastJoinMs = Math.max(...views.map((view) => view.joinedAtMs));
    const convergedAfterMs = oneListSinceMs(lists.map((held) => held.history)) - lastJoinMs;

    expect(new Set(views.map((view) => view.id)).size).toBe(nodeCount);
    expect(views.map((view) => view.parameters.name).sort()).toEqual(
      Array.from({ length: nodeCount }, (_, number) => `node-${number}`).sort(),
    );
    expect(new Set(lists.map((held) => held.id)).size).toBe(nodeCount);
    const after = await pushed();
    const changes = settled.version - before.version;
    const bytes = after.bytes - before.bytes;
    const pushes = after.pushes - before.pushes;
    const entryBytes = settled.entryBytes / nodeCount;
    const bound = nodeCount * changes * entryBytes + pushes * frameBytes;
    console.log(
      `${nodeCount} nodes joined: one list (version ${settled.version}) ${convergedAfterMs} ms after the last join; ${changes} changes, ${pushes} pushes, ` +
        `${bytes} bytes pushed, ${(bytes / (nodeCount * changes)).toFixed(0)} per node and change; an entry has ${entryBytes.toFixed(0)}`,
    );
    // Each node is told of each change once, as a difference: entries times nodes, and a frame a push.
    expect(bytes).toBeLessThan(bound);
    expect(pushes).toBeLessThan(nodeCount * changes);
    expect(convergedAfterMs).toBeLessThan(convergenceMs);
  });

  it('are told of one more change by one entry each, not by the list', async () => {
    const before = { ...(await pushed()), version: await version() };
    await controller.admin.send('POST', '/nodes/node-7/fence');
    const startedMs = performance.now();
    const list = await until(
      'one list without node-7',
      async () => ((await version()) > before.version ? oneList('node-7') : null),
      30_000,
    );
    const tookMs = performance.now() - startedMs;
    const after = await pushed();
    const changes = list.version - before.version;
    const perNodeAndChange = (after.bytes - before.bytes) / (nodeCount * changes);
    console.log(
      `one change: ${tookMs.toFixed(0)} ms, ${after.bytes - before.bytes} bytes, ${perNodeAndChange.toFixed(0)} per node and change`,
    );
    expect(perNodeAndChange).toBeLessThan((list.entryBytes / nodeCount) * 1.5 + frameBytes);
    expect(tookMs).toBeLessThan(convergenceMs);
  });
});
