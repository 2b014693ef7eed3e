import { describe, expect, it } from 'vitest';
import type { NodeView } from '../../contracts/admin-api.ts';
import { describeNode, nodesTable } from './nodes.ts';

const gib = 1 << 30;
const node = {
  name: 'a',
  id: '1',
  state: 'healthy',
  serving: 'serving',
  evidence: { sentence: 'fine', missedProbes: 0, lastAnswerAtMs: 0 },
  parameters: { capacityBytes: 10 * gib, provider: 'p', region: 'r', zone: 'z' },
  addresses: {},
  measured: { usedBytes: 179 * gib, freeBytes: 20 * gib, blobBytes: 3 << 20, blobCount: 2, nameCount: 5 },
} as unknown as NodeView;

describe('mcos nodes', () => {
  it('says below the table who answers and refuses to serve, and why', () => {
    const refusing = {
      ...node,
      name: 'b',
      serving: 'fenced',
      trouble: 'refusing',
      evidence: { ...node.evidence, sentence: 'answers the Controller, but …' },
    };
    const lines = nodesTable([node, refusing as NodeView]).split('\n');
    expect(lines).toHaveLength(4);
    expect(lines.at(-1)).toBe('b answers the Controller, but …');
    expect(nodesTable([{ ...node, state: 'down', trouble: 'down' }]).split('\n')).toHaveLength(2);
  });
});

describe('what a node says of itself', () => {
  const unheard = [
    { ...node, state: 'removed' },
    { ...node, state: 'down' },
    { ...node, state: 'suspect', evidence: { ...node.evidence, missedProbes: 2 } },
  ] as NodeView[];

  it('is told while it answers, and not of one that is fenced or silent', () => {
    expect(nodesTable([node])).toMatch(/ serving$/m);
    for (const silent of unheard) expect(nodesTable([silent])).not.toMatch(/ serving$/m);
  });

  it('is told with the time of the answer once there is none any more', () => {
    expect(describeNode({ ...node, replicas: null })).toMatch(/^serving {5}serving$/m);
    for (const silent of unheard)
      expect(describeNode({ ...silent, replicas: null })).toMatch(/^serving {5}not known: serving by its last answer, 1970-01-01/m);
  });
});

describe('mcos node show', () => {
  it('tells what MCOS holds apart from what fills the disk', () => {
    const lines = describeNode({ ...node, replicas: null }).split('\n');
    expect(lines).toContain('capacity    10 GiB declared');
    expect(lines).toContain('disk        20 GiB free for blobs, 179 GiB used by everything on it');
    expect(lines).toContain('holds       5 names, 2 blobs of 3.0 MiB in all');
  });
});
