import { expect, it } from 'vitest';
import { createSystemClock } from '../../adapters/system/system-clock.ts';
import { createSystemRandom } from '../../adapters/system/system-random.ts';
import { toDisposable } from '../../base/lifecycle.ts';
import { silentLogger } from '../../base/logger.ts';
import type { PeerTransport } from '../../base/peer-transport.ts';
import type { BootNumbers } from '../../register/boot-number.ts';
import { BootRecord } from './boot-record.ts';
import { encodeJson } from './message.ts';

const numbers: BootNumbers = {
  own: 3,
  mark: 0,
  raiseMark: () => Promise.resolve(),
  recorded: () => 0,
  record: () => Promise.resolve({ recorded: 1 }),
  recordedStart: () => undefined,
  takeOver: () => Promise.resolve(),
  requiredEpoch: 0,
  requireEpoch: () => Promise.resolve(),
};

/** What has become of a start that `groups` have to record, where only `answering` do. */
async function startOf(groups: readonly (readonly string[])[], answering: readonly string[]): Promise<string> {
  const boot = new BootRecord({
    clock: createSystemClock(),
    logger: silentLogger,
    random: createSystemRandom(),
    numbers,
    selfId: 'a',
    clusterId: 'c'.repeat(32),
    epochs: { epoch: 2, current: null, adopt: () => Promise.resolve() },
    changes: () => 0,
  });
  const abort = new AbortController();
  const peers: PeerTransport = {
    request: (id) => {
      // Whoever is not recorded by the second round is not recorded at all.
      if (!answering.includes(id)) abort.abort();
      return Promise.resolve(
        answering.includes(id) ? { kind: 'reply', payload: encodeJson({ recorded: 3 }) } : { kind: 'unreachable', reason: 'down' },
      );
    },
    handle: () => toDisposable(() => undefined),
  };
  await boot.recordAtPeers(peers, () => groups, abort.signal);
  return boot.state.kind;
}

it('counts once a majority of the other members of every epoch that is not retired has recorded it', async () => {
  expect(await startOf([['b', 'c', 'd'], ['b']], ['b', 'c'])).toBe('recorded');
  expect(await startOf([['b', 'c', 'd'], ['e']], ['b', 'c'])).toBe('waiting');
  expect(await startOf([['b', 'c', 'd']], ['b'])).toBe('waiting');
});

it('asks nobody where all other members have been given up', async () => {
  expect(await startOf([['b'], []], ['b'])).toBe('recorded');
  expect(await startOf([[], ['b']], [])).toBe('waiting');
});
