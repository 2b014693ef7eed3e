import { describe, expect, it } from 'vitest';
import type { RecoveryView } from '../../contracts/recovery.ts';
import { describeRecovery } from './describe-recovery.ts';

const stuck = { nodeId: '1', name: 'a', reason: '1 of 2 other nodes have recorded this start; 2 are needed.' };
const lost = { nodeId: '3', name: 'c', state: 'down', evidence: 'no answer for 60 s from Controller and 2 of 2 peers' } as const;

const viewOf = (majorityLost: number, allLost: number, changes: Partial<RecoveryView>): RecoveryView => ({
  clusterName: 'mcos',
  epoch: 4,
  changing: false,
  needed: true,
  lostNodes: [lost],
  stuckNodes: [],
  rings: [{ ring: 'object', partitions: 64, majorityLost, allLost }],
  names: [],
  moreNames: false,
  ...changes,
});

describe('what is said of lost nodes', () => {
  it('does not take for lost what is with members that only wait', () => {
    const said = describeRecovery(viewOf(0, 0, { stuckNodes: [stuck] }));
    expect(said).toMatch(/^object +64 +0 +0$/m);
    expect(said).toMatch(/^a +1 of 2 other nodes have recorded this start/m);
    expect(said).toContain('They have all that they ever had');
    expect(said).toContain('no name is lost with them');
    expect(said).not.toMatch(/are gone|may be lost/);
    expect(said).toContain('bring it back instead');
  });

  it('says which names may be lost, and when some are gone for certain', () => {
    const said = describeRecovery(viewOf(3, 0, { names: [{ ring: 'object', name: 'photos/a' }] }));
    expect(said).toMatch(/may be lost.*\nobject {2}photos\/a$/m);
    expect(said).not.toMatch(/are gone|Not lost/);
    expect(describeRecovery(viewOf(3, 1, {}))).toContain('are gone');
  });

  it('tells of members that wait also where no partition needs them', () => {
    const said = describeRecovery(viewOf(0, 0, { needed: false, stuckNodes: [stuck] }));
    expect(said).toContain('nothing has to be given up');
    expect(said).toMatch(/^a +1 of 2/m);
  });
});
