import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../base/logger.ts';
import { failed, success, unwrap, type Outcome } from '../../base/outcome.ts';
import { failure } from '../../contracts/errors.ts';
import { putBytes, someBytes } from '../objects/testing/bodies.ts';
import { createHealing } from './healing.ts';
import type { HealingDeps } from './healing-deps.ts';
import { Telling } from './telling.ts';
import { createHealingCluster, type HealingCluster, type HealingNode } from './testing/healing-cluster.ts';
import { VerifyWishes } from './verify-wishes.ts';

const forever = new AbortController().signal;
const hourMs = 60 * 60_000;

function first(cluster: HealingCluster): HealingNode {
  return cluster.healers[0] as HealingNode;
}

describe('whoever is to look for the copies of a node', () => {
  it('is told until it answers: when it is back, when it serves, and again for damage that is found meanwhile', async () => {
    const cluster = await createHealingCluster();
    const [, two, three, four] = cluster.nodes.map(({ id }) => id) as [string, string, string, string];
    const told: string[] = [];
    const answers = new Map<string, Outcome<unknown>>([[two, failed(failure('Unreachable', 'just now'))]]);
    let meanwhile: (() => void) | undefined;
    const peers: HealingDeps['peers'] = {
      check: () => Promise.resolve(success(undefined)),
      verify: (to) => {
        told.push(to);
        meanwhile?.();
        return Promise.resolve(answers.get(to) ?? success(undefined));
      },
    };
    const telling = new Telling({ ...first(cluster).deps, logger: silentLogger, peers });
    const turn = async (): Promise<string[]> => {
      told.length = 0;
      cluster.pass(61_000);
      await telling.turn(forever);
      return told.slice().sort();
    };
    cluster.setAway(three, true);
    cluster.setServing(four, false);
    telling.all();
    expect(await turn()).toEqual([two]);
    expect(await turn()).toEqual([two]);
    cluster.setAway(three, false);
    cluster.setServing(four, true);
    answers.clear();
    meanwhile = () => ((meanwhile = undefined), telling.all());
    expect(await turn()).toEqual([two, three, four]);
    expect(await turn()).toContain(two);
    expect(await turn()).toEqual([]);
  });
});

describe('what is wished to be asked for', () => {
  it('asks for no walk while the node is away, for one on its return, and then only after longer and longer rests', async () => {
    const cluster = await createHealingCluster();
    const { deps, healer } = first(cluster);
    const away = cluster.second.id;
    const wishes = new VerifyWishes(deps, healer.absences);
    const look = (ms: number): number => {
      cluster.pass(ms);
      healer.absences.look();
      wishes.look();
      const due = wishes.due();
      return due === 'all' ? -1 : due.size;
    };
    cluster.setAway(away, true);
    wishes.wish(away);
    for (let turn = 0; turn < 5; turn++) expect(look(60_000)).toBe(0);
    cluster.setAway(away, false);
    expect(look(1)).toBe(1);
    const silent = (): Promise<ReadonlySet<string>> => Promise.resolve(new Set([away]));
    for (const restMs of [30_000, 60_000, 120_000]) {
      await wishes.during(new Set([away]), silent);
      expect(look(restMs - 5_000)).toBe(0);
      expect(look(10_000)).toBe(1);
    }
    await wishes.during(new Set([away]), () => Promise.resolve(new Set()));
    expect(look(hourMs)).toBe(0);
  });

  it('stays wished when the walk throws, is interrupted, or it is wished again meanwhile; over restarts too', async () => {
    const cluster = await createHealingCluster();
    const { deps, healer } = first(cluster);
    const node = cluster.second.id;
    const wishes = new VerifyWishes(deps, healer.absences);
    wishes.wish(node);
    const due = new Set([node]);
    await expect(wishes.during(due, () => Promise.reject(new Error('a defect')))).rejects.toThrow('a defect');
    expect(wishes.due()).toEqual(due);
    await wishes.during(due, () => Promise.resolve(null));
    expect(wishes.due()).toEqual(due);
    await wishes.during(due, () => {
      wishes.wish(node);
      return Promise.resolve(new Set<string>());
    });
    expect(wishes.due()).toEqual(due);
    expect(new VerifyWishes(deps, healer.absences).due()).toEqual(due);
    await wishes.during(due, () => Promise.resolve(new Set()));
    expect(new VerifyWishes(deps, healer.absences).due()).toEqual(new Set());
  });

  it('is everything once a day, however often the process starts', async () => {
    const cluster = await createHealingCluster();
    const { deps, healer } = first(cluster);
    new VerifyWishes(deps, healer.absences).wish(cluster.second.id);
    for (let start = 0; start < 5; start++) {
      expect(new VerifyWishes(deps, healer.absences).due()).not.toBe('all');
      cluster.pass(4.7 * hourMs);
    }
    const last = new VerifyWishes(deps, healer.absences);
    expect(last.due()).not.toBe('all');
    cluster.pass(hourMs);
    expect(last.due()).toBe('all');
    await last.during('all', () => Promise.resolve(new Set()));
    expect(new VerifyWishes(deps, healer.absences).due()).toEqual(new Set());
  });
});

it('a node that is away makes nobody walk the names over and over; when it is back its copies are looked for', async () => {
  const cluster = await createHealingCluster();
  for (let index = 0; index < 5; index++) unwrap(await putBytes(cluster.first.objects, cluster.bucket, `k${index}`, someBytes(50_000)));
  const others = cluster.nodes.filter((node) => node.id !== cluster.first.id);
  const victim = others.reduce((most, one) => (one.store.blobs.size > most.store.blobs.size ? one : most));
  const lost = victim.store.blobs.size;
  let walks = 0;
  const { deps } = first(cluster);
  const registers: HealingDeps['registers'] = {
    walk: (range) => {
      if (range.ring === 'container') walks += 1;
      return deps.registers.walk(range);
    },
  };
  let turns = 0;
  const partitions: HealingDeps['partitions'] = () => ((turns += 1), deps.partitions());
  // Turns are quick, nobody counts as gone.
  const settings = { ...deps.settings, takeOverAfterMs: 200, downAfterMs: hourMs, healEveryMs: hourMs };
  const healing = createHealing({ ...deps, registers, partitions, settings });
  victim.store.blobs.clear();
  cluster.setAway(victim.id, true);
  healing.verify(victim.id);
  await healing.start();
  await expect.poll(() => walks, { timeout: 10_000 }).toBeGreaterThan(0);
  await expect.poll(() => turns, { timeout: 20_000 }).toBeGreaterThan(100);
  expect(walks).toBeLessThanOrEqual(4);
  cluster.setAway(victim.id, false);
  await expect.poll(() => victim.store.blobs.size, { timeout: 10_000 }).toBe(lost);
  await healing.stop();
});
