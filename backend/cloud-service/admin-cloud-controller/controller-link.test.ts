import { describe, expect, it } from 'vitest';
import { createSystemRandom } from '../../adapters/system/system-random.ts';
import type { Clock } from '../../base/clock.ts';
import { silentLogger } from '../../base/logger.ts';
import { failed, success, type Outcome } from '../../base/outcome.ts';
import { failure } from '../../contracts/errors.ts';
import type { Pki } from '../../base/pki.ts';
import { createTestAuthority, testNodeEntry } from '../testing/test-authority.ts';
import { ControllerLink } from './controller-link.ts';

const dayMs = 86_400_000;
const startMs = 1_800_000_000_000;

/** Time that moves when told; timers that are due run in order. */
function createTestClock(): Clock & { advance(ms: number): Promise<void> } {
  let nowMs = 0;
  let timers: { atMs: number; task: () => void }[] = [];
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return {
    nowMs: () => startMs + nowMs,
    monotonicMs: () => nowMs,
    schedule: (delayMs, task) => {
      const timer = { atMs: nowMs + Math.max(1, delayMs), task };
      timers.push(timer);
      return { cancel: () => void (timers = timers.filter((other) => other !== timer)) };
    },
    advance: async (ms) => {
      const endMs = nowMs + ms;
      for (;;) {
        await settle();
        const next = timers.filter((timer) => timer.atMs <= endMs).sort((left, right) => left.atMs - right.atMs)[0];
        if (!next) break;
        timers = timers.filter((timer) => timer !== next);
        nowMs = next.atMs;
        next.task();
      }
      nowMs = endMs;
    },
  };
}

async function setUp(
  answer: (method: string) => Outcome<unknown>,
  onMembership: (update: unknown) => number | undefined = () => undefined,
) {
  const clock = createTestClock();
  const authority = await createTestAuthority();
  const { keyPem } = await authority.node('0'.repeat(16));
  let certificate = 'first';
  let revoked = 0;
  let issuedAtMs = startMs;
  const hosts = ['127.0.0.1'];
  const pki: Pki = {
    ...authority.pki,
    createRequest: () => Promise.resolve('request'),
    inspect: () => ({
      clusterId: authority.clusterId,
      kind: 'node',
      id: '0'.repeat(16),
      hosts,
      serial: certificate,
      notBeforeMs: issuedAtMs,
      notAfterMs: issuedAtMs + 90 * dayMs,
    }),
  };
  const calls: { method: string; body: unknown; atDay: number }[] = [];
  let { addresses } = testNodeEntry(1);
  const link = new ControllerLink({
    clock,
    random: createSystemRandom(),
    logger: silentLogger,
    pki,
    rpc: {
      call: (_target, method, body) => {
        calls.push({ method, body, atDay: (clock.nowMs() - startMs) / dayMs });
        return Promise.resolve(answer(method));
      },
    },
    controllerUrl: 'https://127.0.0.1:1',
    keyPem,
    certificatePem: () => certificate,
    announcement: () => ({ parameters: testNodeEntry(1).parameters, addresses, instanceId: 'i', membershipVersion: 1 }),
    onMembership: (update) => Promise.resolve(onMembership(update)),
    onCertificateOfEpoch: () => Promise.resolve(),
    onRenewed: (renewed) => {
      certificate = renewed;
      issuedAtMs = clock.nowMs();
      hosts.push(...Object.values(addresses).map((address) => new URL(address).hostname));
      return Promise.resolve();
    },
    onRevoked: () => void (revoked += 1),
  });
  const renewals = (): number[] => calls.filter((call) => call.method === 'renew-certificate').map((call) => call.atDay);
  const moveTo = (host: string): void => void (addresses = { ...addresses, s3: `https://${host}:1` });
  return { clock, link, renewals, calls, moveTo, certificate: () => certificate, revoked: () => revoked };
}

describe('the certificate of a node', () => {
  it('is renewed from half of its life on, by itself, again and again', async () => {
    const { clock, link, renewals, certificate } = await setUp(() => success({ certificate: 'renewed' }));
    link.start({ announce: false });
    for (let day = 0; day < 44.9; day += 5) await clock.advance(4.9 * dayMs);
    expect(renewals()).toEqual([]);
    await clock.advance(3 * dayMs);
    expect(renewals()).toHaveLength(1);
    expect(renewals()[0]).toBeGreaterThanOrEqual(45);
    expect(renewals()[0]).toBeLessThan(45.1);
    expect(certificate()).toBe('renewed');
    await clock.advance(46 * dayMs);
    expect(renewals()).toHaveLength(2);
    expect((renewals()[1] ?? 0) - (renewals()[0] ?? 0)).toBeGreaterThanOrEqual(45);
    await link.stop();
  });

  it('is asked for until the Controller answers again', async () => {
    let away = true;
    const { clock, link, renewals, certificate } = await setUp(() =>
      away ? failed(failure('Unreachable', 'away')) : success({ certificate: 'renewed' }),
    );
    link.start({ announce: false });
    await clock.advance(46 * dayMs);
    expect(renewals().length).toBeGreaterThan(100);
    expect(certificate()).toBe('first');
    away = false;
    await clock.advance(20 * 60_000);
    expect(certificate()).toBe('renewed');
    await link.stop();
  });

  it('follows the node to a name that is not in it', async () => {
    const { clock, link, renewals, moveTo } = await setUp(() => success({ certificate: 'renewed' }));
    link.start({ announce: false });
    await clock.advance(dayMs);
    expect(renewals()).toEqual([]);
    moveTo('node.example');
    await clock.advance(30 * 60_000);
    expect(renewals()).toHaveLength(1);
    await clock.advance(dayMs);
    expect(renewals()).toHaveLength(1);
    await link.stop();
  });
});

describe('the first announcement', () => {
  it('tells a refusal that is final from a Controller that is away', async () => {
    for (const [code, expected] of [
      ['NodeStillAnswers', 'object'],
      ['NameTaken', 'object'],
      ['Revoked', 'object'],
      ['Unreachable', 'string'],
      ['Timeout', 'string'],
      ['Busy', 'string'],
    ] as const) {
      const { link } = await setUp(() => failed(failure(code, 'x')));
      expect(typeof (await link.announceOnce()), code).toBe(expected);
    }
  });
});

it('tells of a refused certificate when it asks for a list, and of nothing else', async () => {
  let code: 'Revoked' | 'Unreachable' = 'Unreachable';
  const { link, revoked } = await setUp(() => failed(failure(code, 'no')));
  await link.askMembership(3);
  expect(revoked()).toBe(0);
  code = 'Revoked';
  await link.askMembership(3);
  expect(revoked()).toBe(1);
  await link.stop();
});

describe('the question for a newer list', () => {
  it('is asked again for the whole list where the difference does not fit, but not for ever', async () => {
    const { link, calls } = await setUp(
      () => success({}),
      () => 0,
    );
    await link.askMembership(6);
    expect(calls.map(({ body }) => body)).toEqual([{ version: 6 }, { version: 0 }]);
    await link.askMembership(7);
    expect(calls).toHaveLength(4);
    await link.stop();
  });

  it('is not asked again where the answer fits', async () => {
    const { link, calls } = await setUp(() => success({}));
    await link.askMembership(6);
    expect(calls.map(({ body }) => body)).toEqual([{ version: 6 }]);
    await link.stop();
  });
});

describe('a node that the list tells wrong of', () => {
  const announced = { membership: { format: 1, clusterId: 'ab'.repeat(16), version: 1, sinceVersion: 0, changed: [], revocations: [] } };
  const answer = success({ membership: { ...announced.membership, listDigest: '0'.repeat(64), signature: '' } });

  it('announces itself at once, and then once a minute at most', async () => {
    const { link, clock, calls } = await setUp(() => answer);
    const announcements = (): number => calls.filter(({ method }) => method === 'announce').length;
    link.announceAgain();
    link.announceAgain();
    await clock.advance(1_000);
    expect(announcements()).toBe(1);
    // Whoever answers with the same wrong list each time.
    for (let second = 0; second < 170; second++) {
      link.announceAgain();
      await clock.advance(1_000);
    }
    expect(announcements()).toBe(3);
    await link.stop();
  });

  it('repeats the announcement until it is heard', async () => {
    let away = true;
    const { link, clock, calls } = await setUp(() => (away ? failed(failure('Unreachable', 'away')) : answer));
    link.announceAgain();
    await clock.advance(10_000);
    const before = calls.length;
    expect(before).toBeGreaterThan(2);
    away = false;
    await clock.advance(60_000);
    expect(calls).toHaveLength(before + 1);
    await link.stop();
  });
});
