import { expect, it } from 'vitest';
import { failed, success } from '../base/outcome.ts';
import type { EpochCertificate } from '../contracts/epoch.ts';
import { failure } from '../contracts/errors.ts';
import type { RingSet } from '../ring/ring.ts';
import type { EpochInChange } from './change-driver.ts';
import { giveUpInChange } from './give-up.ts';

const ids = ['000000000000000a', '000000000000000b', '000000000000000c'];

function changeWith(recovery: EpochCertificate['proposal']['recovery']): EpochInChange {
  const certificate: EpochCertificate = {
    format: 1,
    proposal: {
      format: 1,
      clusterId: 'c'.repeat(32),
      epoch: 2,
      attempt: 1,
      members: ids.map((id) => ({ id, name: id, zone: id, weight: 1 })),
      partitionPower: 1,
      replicas: 3,
      membershipVersion: 1,
      ...(recovery === undefined ? {} : { recovery }),
    },
    digest: '2'.repeat(64),
    phase: 'sync',
    acknowledgements: [],
  };
  return { certificate, rings: {} as RingSet, previous: { certificate, rings: {} as RingSet } };
}

async function giveUp(change: EpochInChange, nodeIds: readonly string[]) {
  const asked: string[] = [];
  let nowMs = 0;
  const outcome = await giveUpInChange(
    {
      clock: {
        nowMs: () => nowMs,
        monotonicMs: () => nowMs,
        schedule: (delayMs, task) => {
          nowMs += delayMs;
          const timer = setImmediate(task);
          return { cancel: () => clearImmediate(timer) };
        },
      },
      random: { bytes: (length) => new Uint8Array(length), fraction: () => 0.5 },
      proposer: '0123456789abcdef',
      calls: {
        call: (nodeId) => {
          asked.push(nodeId);
          return Promise.resolve(failed(failure('Unreachable', 'planted')));
        },
      },
      sign: () => Promise.resolve({ certificate: '', signature: '' }),
    },
    change,
    nodeIds,
    new AbortController().signal,
  );
  return { outcome, asked };
}

const once = { givenUp: ids.slice(1), round: 1, certificate: '', signature: '' };

it('goes on in the round that there is when all of them have been given up already, however often it is asked', async () => {
  const change = changeWith(once);
  const { outcome, asked } = await giveUp(change, ids.slice(2));
  expect(outcome).toEqual(success(change.certificate));
  expect(asked).toEqual([]);
});

it('asks the members when one more is given up, or nobody has been yet', async () => {
  for (const change of [changeWith({ ...once, givenUp: ids.slice(2) }), changeWith(undefined)])
    expect((await giveUp(change, ids.slice(1))).asked.length).toBeGreaterThan(0);
});
