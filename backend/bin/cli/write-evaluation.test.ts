import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeEvaluation } from './write-evaluation.ts';

describe('ring evaluate', () => {
  let directory = '';
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'mcos-evaluate-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  it('writes one dump a step in the form that scorers read', async () => {
    const nodes = ['a', 'b', 'c', 'd'].map((id) => ({ id, zone: `zone-${id}`, weight: 10 }));
    const steps = [
      { name: 'build', nodes: nodes.slice(0, 3) },
      { name: 'add1', nodes },
    ];
    const scenarioFile = join(directory, 'scenarios.json');
    await writeFile(scenarioFile, JSON.stringify({ scenarios: [{ id: 'S', replicas: 3, partitionPower: 4, steps }] }));
    expect(await writeEvaluation(scenarioFile, join(directory, 'out'), () => undefined)).toEqual(['S-0.json', 'S-1.json']);
    const dump: unknown = JSON.parse(await readFile(join(directory, 'out', 'S-1.json'), 'utf8'));
    expect(dump).toMatchObject({ scenario: 'S', step: 1, replicas: 3, partitionPower: 4, nodes });
    const assignment = Buffer.from((dump as { assignmentB64: string }).assignmentB64, 'base64');
    const held = new Map<number, number>();
    for (let at = 0; at < assignment.length; at += 2)
      held.set(assignment.readUInt16LE(at), (held.get(assignment.readUInt16LE(at)) ?? 0) + 1);
    expect([...held.values()]).toEqual([12, 12, 12, 12]);
  });

  it('says which file cannot be used', async () => {
    await expect(writeEvaluation(join(directory, 'missing.json'), directory, () => undefined)).rejects.toThrow('missing.json');
  });

  it('says what is wrong inside it, and which folder cannot be written', async () => {
    const scenarioFile = join(directory, 'scenarios.json');
    const nodes = ['a', 'b'].map((id) => ({ id, zone: 'zone', weight: 10 }));
    const write = (value: unknown): Promise<void> =>
      writeFile(scenarioFile, typeof value === 'string' ? value : JSON.stringify({ scenarios: [value] }));
    for (const [value, word] of [
      ['{', 'no JSON'],
      ['[]', 'array "scenarios"'],
      [{ id: 'S', replicas: 3, partitionPower: 4, steps: [{ name: 'build', nodes }] }, '3 replicas need'],
      [{ id: '../S', replicas: 3, partitionPower: 4, steps: [] }, '"id"'],
    ] as const) {
      await write(value);
      const attempt = writeEvaluation(scenarioFile, join(directory, 'out'), () => undefined);
      await expect(attempt).rejects.toMatchObject({ name: 'CommandError', exitCode: 1, message: expect.stringContaining(word) as string });
    }
    await write({ id: 'S', replicas: 2, partitionPower: 4, steps: [{ name: 'build', nodes }] });
    await expect(writeEvaluation(scenarioFile, scenarioFile, () => undefined)).rejects.toThrow('--out');
  });
});
