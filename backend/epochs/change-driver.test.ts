import { describe, expect, it } from 'vitest';
import type { Clock } from '../base/clock.ts';
import { silentLogger } from '../base/logger.ts';
import { failed, success, type Outcome } from '../base/outcome.ts';
import type { EpochChangeAnswer, EpochChangeRequest, PartitionsByRing, RecordedStart } from '../contracts/epoch-change.ts';
import type { EpochCertificate, EpochPhase, EpochProposal } from '../contracts/epoch.ts';
import { failure } from '../contracts/errors.ts';
import type { Ring, RingSet } from '../ring/ring.ts';
import { driveChange, type ChangeDriverDeps, type EpochInChange } from './change-driver.ts';

const ids = ['000000000000000a', '000000000000000b', '000000000000000c'];
const nothing: PartitionsByRing = { account: [], container: [], object: [] };

/** Time that passes only where somebody waits for it. */
function waitingClock(): Clock {
  let nowMs = 0;
  return {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    schedule: (delayMs, task) => {
      const timer = setImmediate(() => {
        nowMs += delayMs;
        task();
      });
      return { cancel: () => clearImmediate(timer) };
    },
  };
}

function ringSet(digest: string): RingSet {
  const nodes = ids.map((id) => ({ id, zone: id, weight: 1 }));
  const ring: Ring = { nodes, partitionPower: 1, replicas: 3, assignment: new Uint16Array([0, 1, 2, 1, 2, 0]) };
  return { account: ring, container: ring, object: ring, digest };
}

function certificateOf(epoch: number, phase: EpochPhase): EpochCertificate {
  return {
    format: 1,
    proposal: {
      format: 1,
      clusterId: 'c'.repeat(32),
      epoch,
      attempt: 1,
      members: ids.map((id) => ({ id, name: id, zone: id, weight: 1 })),
      partitionPower: 1,
      replicas: 3,
      membershipVersion: 1,
    },
    digest: String(epoch).repeat(64),
    phase,
    acknowledgements: [],
  };
}

/** A node as the driver sees it. */
interface Member {
  answer(request: EpochChangeRequest): Outcome<EpochChangeAnswer>;
}

/** Carries over what it is given by the next time it is asked. */
class WorkingMember implements Member {
  given: PartitionsByRing = nothing;
  done: PartitionsByRing = nothing;
  recorded: readonly RecordedStart[] = [];
  starts: readonly RecordedStart[] = [];

  answer(request: EpochChangeRequest): Outcome<EpochChangeAnswer> {
    switch (request.kind) {
      case 'adopt':
        return success({ kind: 'adopted', epoch: request.certificate.proposal.epoch, phase: request.certificate.phase });
      case 'carry':
        return success({ kind: 'carried', epoch: 2, phase: 'sync', names: 0, ...this.carry(request.assign) });
      case 'collect-starts':
        return success({ kind: 'starts', starts: [...this.starts] });
      case 'record-starts':
        this.recorded = request.starts;
        return success({ kind: 'recorded' });
      case 'prepare':
        return success({ kind: 'promised', accepted: null });
      case 'accept':
        return success({ kind: 'accepted', acknowledgement: { nodeId: ids[0] as string, certificate: '', signature: '' } });
      default:
        return failed(failure('InvalidArgument', request.kind));
    }
  }

  carry(assign: PartitionsByRing | undefined): { done: PartitionsByRing; open: number } {
    const add = (left: PartitionsByRing, right: PartitionsByRing): PartitionsByRing => ({
      account: [...left.account, ...right.account],
      container: [...left.container, ...right.container],
      object: [...left.object, ...right.object],
    });
    this.done = add(this.done, this.given);
    this.given = assign ?? nothing;
    return { done: this.done, open: this.given.account.length + this.given.container.length + this.given.object.length };
  }
}

function drive(members: readonly Member[], changes: Partial<ChangeDriverDeps> = {}, recovery?: EpochProposal['recovery']) {
  const previous = { certificate: certificateOf(1, 'active'), rings: ringSet('1') };
  const coming = certificateOf(2, 'sync');
  const certificate = { ...coming, proposal: { ...coming.proposal, ...(recovery && { recovery }) } };
  let current: EpochInChange = { certificate, rings: ringSet('2'), previous };
  const clock = waitingClock();
  const abort = new AbortController();
  let calls = 0;
  const run = driveChange(
    {
      clock,
      random: { bytes: (length) => new Uint8Array(length), fraction: () => 0.5 },
      logger: silentLogger,
      calls: {
        call: (nodeId, request) => {
          calls += 1;
          // A loop without a pause would never give way to this test.
          if (calls > 2_000) abort.abort();
          return Promise.resolve((members[ids.indexOf(nodeId)] as Member).answer(request));
        },
      },
      proposer: '0123456789abcdef',
      current: () => current,
      adopt: (certificate) => {
        current = { ...current, certificate };
        return Promise.resolve(success(undefined));
      },
      ...changes,
    },
    abort.signal,
  );
  return { run, clock, abort, phase: () => current.certificate.phase, calls: () => calls };
}

describe('carrying partitions over', () => {
  it('goes on where the word that gave them was lost', async () => {
    const members = ids.map(() => new WorkingMember());
    let lost = 0;
    const deaf: Member = {
      answer: (request) =>
        request.kind === 'carry' && request.assign !== undefined && lost++ < 2
          ? failed(failure('Timeout', 'planted'))
          : (members[0] as WorkingMember).answer(request),
    };
    const change = drive([deaf, ...members.slice(1)]);
    await change.run;
    expect(lost).toBeGreaterThan(0);
    expect(change.phase()).toBe('active');
  });

  it('goes on where a node has started anew in the midst of it, and answers all the time', async () => {
    const members = ids.map(() => new WorkingMember());
    let restarts = 0;
    const restarting = members[0] as WorkingMember;
    const carry = restarting.carry.bind(restarting);
    restarting.carry = (assign) => {
      const told = carry(assign);
      if (told.open > 0 && restarts++ < 2) restarting.given = nothing;
      return told;
    };
    const change = drive(members);
    await change.run;
    expect(restarts).toBeGreaterThan(0);
    expect(change.phase()).toBe('active');
  });
});

describe('a node that answers all the time, and cannot carry what it is given', () => {
  class StuckMember extends WorkingMember {
    override carry(assign: PartitionsByRing | undefined): { done: PartitionsByRing; open: number } {
      this.given = assign ?? this.given;
      return { done: nothing, open: this.given.account.length + this.given.container.length + this.given.object.length };
    }
  }

  it('is not waited for: others are given it, too', async () => {
    const stuck = new StuckMember();
    const change = drive([stuck, new WorkingMember(), new WorkingMember()]);
    await change.run;
    expect(stuck.given).not.toEqual(nothing);
    expect(change.phase()).toBe('active');
    expect(change.clock.monotonicMs()).toBeGreaterThan(10_000);
  });

  it('is given no more while all are so', async () => {
    const members = ids.map(() => new StuckMember());
    const given: number[] = [];
    const counting = members.map((member) => ({
      answer: (request: EpochChangeRequest) => {
        if (request.kind === 'carry' && request.assign !== undefined) given.push(request.assign.object.length);
        return member.answer(request);
      },
    }));
    const change = drive(counting);
    await change.run;
    expect(change.phase()).toBe('sync');
    expect(given.length).toBeLessThan(20);
  });
});

describe('nodes that are lost in the midst of a change', () => {
  /** Two of three answer nothing at all; the third works by whatever round it is asked about. */
  const oneLeft = (working: WorkingMember, asked: EpochChangeRequest[]): Member[] =>
    ids.map((id) => ({
      answer: (request) => {
        if (id !== ids[0]) return failed(failure('Unreachable', 'planted'));
        asked.push(request);
        if (request.kind === 'adopt') return success({ kind: 'adopted', epoch: 2, phase: 'sync', round: 1 });
        if (request.kind !== 'carry') return working.answer(request);
        return success({ kind: 'carried', epoch: 2, phase: 'sync', names: 0, round: request.round ?? 0, ...working.carry(request.assign) });
      },
    }));

  it('are waited for until they are given up; then all that is left carries everything over once more', async () => {
    const asked: EpochChangeRequest[] = [];
    const stuck = drive(oneLeft(new WorkingMember(), asked));
    await stuck.run;
    expect(stuck.phase()).toBe('sync');
    expect(asked.some(({ kind }) => kind === 'carry')).toBe(true);

    asked.length = 0;
    const recovery = { givenUp: ids.slice(1), round: 1, certificate: '', signature: '' };
    const change = drive(oneLeft(new WorkingMember(), asked), {}, recovery);
    await change.run;
    expect(change.phase()).toBe('active');
    const carried = asked.flatMap((request) => (request.kind === 'carry' && request.assign !== undefined ? request.assign.object : []));
    expect(new Set(carried)).toEqual(new Set([0, 1]));
    expect(asked.every((request) => request.kind !== 'carry' || request.round === 1)).toBe(true);
  });
});

describe('a driver that cannot go on', () => {
  it('pauses when the next phase cannot be taken over', async () => {
    let adoptions = 0;
    const change: ReturnType<typeof drive> = drive(
      ids.map(() => new WorkingMember()),
      {
        adopt: () => {
          if (++adoptions === 20) change.abort.abort();
          return Promise.resolve(failed(failure('StorageFull', 'planted')));
        },
      },
    );
    await change.run;
    expect(adoptions).toBe(20);
    expect(change.clock.monotonicMs()).toBeGreaterThan(19 * 500);
  });

  it('pauses when the starts cannot be brought to the new members', async () => {
    const members = ids.map(() => new WorkingMember());
    let asked = 0;
    const change = drive(
      members.map((member) => ({
        answer: (request) => {
          if (request.kind !== 'record-starts') return member.answer(request);
          if (++asked === 60) change.abort.abort();
          return failed(failure('Unreachable', 'planted'));
        },
      })),
    );
    await change.run;
    expect(change.clock.monotonicMs()).toBeGreaterThan(15 * 200);
  });
});

it('of the starts of a node the newest goes on to the new members, with the highest mark that anybody knows', async () => {
  const members = ids.map(() => new WorkingMember());
  const start = (boot: number, mark: number): RecordedStart => ({ nodeId: ids[0] as string, boot, startId: '0'.repeat(16), mark });
  // A majority is enough, so two must know it.
  const [first, second, third] = members as [WorkingMember, WorkingMember, WorkingMember];
  first.starts = [start(2, 5)];
  second.starts = [start(2, 9)];
  third.starts = [start(1, 70), start(2, 9)];
  await drive(members).run;
  expect(members.map(({ recorded }) => recorded)).toEqual(ids.map(() => [start(2, 9)]));
});
