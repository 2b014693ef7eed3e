import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../backend/bin/program.ts';
import { createNodeMetrics } from '../backend/cloud-service/api/node-metrics.ts';
import type { StatusAnswer } from '../backend/contracts/cluster-messages.ts';
import { createControllerMetrics } from '../backend/controller/api/metrics.ts';
import type { Registry } from '../backend/controller/registry/registry.ts';
import { projectRoot } from './run-step.ts';

const read = (path: string): string => readFileSync(join(projectRoot, path), 'utf8');
const operations = read('docs/operations.md');

/** First column, then second, of every table row of the document; prettier's padding is not part of them. */
const rows = operations.split('\n').flatMap((line) => {
  const cells = /^\| `([^`]+)`\s*\| (.*?)\s*\|$/.exec(line);
  return cells?.[1] === undefined || cells[2] === undefined ? [] : [[cells[1], cells[2]] as const];
});

const program = await createProgram();

function optionsOf(...words: string[]): (readonly [string, string])[] {
  const command = words.reduce<Command | undefined>((parent, word) => parent?.commands.find((child) => child.name() === word), program);
  return (command?.options ?? []).map((option) => [
    option.flags,
    `${option.description}${option.defaultValue === undefined ? '' : ` (${String(option.defaultValue)})`}`,
  ]);
}

/** Names and helps of what a process really answers at /metrics. */
function exposed(text: string): (readonly [string, string])[] {
  return [...text.matchAll(/^# HELP (\S+) (.*)$/gm)].map((match) => [match[1] ?? '', match[2] ?? '']);
}

const registry = { version: 1, records: () => [] } as unknown as Registry;
const status = { epoch: 1, membershipVersion: 1, nameCount: 1, blobCount: 1, freeBytes: 1 } as StatusAnswer;
const controllerText = await createControllerMetrics({
  registry: () => registry,
  epoch: () => 1,
  troubled: () => ({ down: 0, refusing: 0, unheard: 0, suspect: 0 }),
}).text();
const nodeText = await createNodeMetrics(() => Promise.resolve(status), 1)();
const metrics = [...exposed(controllerText), ...exposed(nodeText)];

describe('docs/operations.md', () => {
  it.each([
    ['controller', 'start'],
    ['node', 'start'],
  ])('tells every flag of mcos %s %s, with its default, in the words of the command itself', (...words) => {
    const told = new Map(rows);
    for (const [flag, description] of optionsOf(...words)) {
      expect([...told.keys()]).toContain(flag);
      expect(rows).toContainEqual([flag, description]);
    }
  });

  it('tells no flag that there is not', () => {
    const known = new Set([...optionsOf('controller', 'start'), ...optionsOf('node', 'start')].map(([flag]) => flag));
    expect(rows.map(([flag]) => flag).filter((flag) => flag.startsWith('--') && !known.has(flag))).toEqual([]);
  });

  it('tells every variable of the environment that the programs read, and no other', () => {
    const files = execFileSync(
      'git',
      ['ls-files', '--cached', '--others', '--exclude-standard', 'backend', 'electron', 'scripts/open-desktop.ts'],
      {
        cwd: projectRoot,
        encoding: 'utf8',
      },
    );
    const source = files
      .split('\n')
      .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts') && existsSync(join(projectRoot, path)))
      .map(read)
      .join('\n');
    const readByPrograms = new Set(
      [...source.matchAll(/(?:process\.env|environment)\.(MCOS_\w+)|'(MCOS_[A-Z_]+)'[\])]/g)].map((match) => match[1] ?? match[2]),
    );
    // Between our own processes; nobody sets it by hand.
    readByPrograms.delete('MCOS_STOP_WITH_PARENT');
    expect(
      rows
        .map(([name]) => name)
        .filter((name) => name.startsWith('MCOS_'))
        .sort(),
    ).toEqual([...readByPrograms].sort());
  });

  it('tells every number that a process exposes, in its own words', () => {
    expect(rows.filter(([name]) => name.startsWith('mcos_'))).toEqual(metrics);
  });

  it('advises alerts on numbers that exist, and on room within the capacity rather than on the disk', () => {
    const [advice = ''] = /^Worth an alert:[^]*?\n\n/m.exec(operations) ?? [];
    const asked = advice.match(/mcos_\w+/g) ?? [];
    expect(metrics.map(([name]) => name)).toEqual(expect.arrayContaining([...new Set(asked)]));
    expect(advice).toContain('`mcos_node_capacity_left_bytes < 0.1 * mcos_node_capacity_bytes`');
  });
});

describe('the Grafana dashboard', () => {
  it('asks for numbers that exist, and for all of them', () => {
    const dashboard = JSON.parse(read('resources/grafana/mcos.json')) as { panels: { targets: { expr: string }[] }[] };
    const asked = dashboard.panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => expr.match(/mcos_\w+/g) ?? []));
    expect([...new Set(asked)].sort()).toEqual(metrics.map(([name]) => name).sort());
  });
});
