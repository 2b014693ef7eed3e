import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createProgram } from '../../backend/bin/program.ts';
import { projectRoot } from '../run-step.ts';

interface Service {
  readonly command: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly build: { readonly context: string; readonly dockerfile: string };
  readonly depends_on?: unknown;
  readonly volumes: readonly string[];
}

const folder = join(projectRoot, 'resources/docker');
const compose = parse(readFileSync(join(folder, 'compose.yaml'), 'utf8'), { merge: true }) as {
  services: Record<string, Service>;
  volumes: Record<string, unknown>;
};

/** What a service runs, as one line; its first three words are the command of the program. */
function commandLine(service: Service): string {
  return service.command.join(' ').replace(/^exec mcos /, '');
}

const program = await createProgram();

/** The command at the end of `words`, from the real command line. */
function commandOf(words: readonly string[]): Command {
  return words.reduce<Command>((parent, word) => {
    const child = parent.commands.find((command) => command.name() === word);
    if (child === undefined) throw new Error(`there is no command ${words.join(' ')}`);
    return child;
  }, program);
}

describe('the compose file', () => {
  it('is a Controller that waits for three nodes, and these', () => {
    const { tickets, ...rest } = compose.services;
    expect(tickets).toBeDefined();
    expect(Object.keys(rest)).toEqual(['controller', 'a', 'b', 'c']);
    expect(commandLine(rest['controller'] as Service)).toContain('--expect-nodes=3');
  });

  it.each(['controller', 'a', 'b', 'c'])('starts %s with options that exist', (name) => {
    const line = commandLine(compose.services[name] as Service);
    const known = commandOf(line.split(' ').slice(0, 2)).options.map((option) => option.long);
    const used = [...line.matchAll(/--[a-z][\w-]*/g)].map(([option]) => option);
    expect(used.length).toBeGreaterThan(3);
    expect(used.filter((option) => !known.includes(option))).toEqual([]);
  });

  it('names the Dockerfile, and every volume that it mounts', () => {
    for (const service of Object.values(compose.services)) {
      expect(existsSync(join(folder, service.build.context, service.build.dockerfile))).toBe(true);
      for (const volume of service.volumes) expect(Object.keys(compose.volumes)).toContain(volume.split(':')[0]);
    }
  });
});

describe('the Dockerfile', () => {
  const text = readFileSync(join(folder, 'Dockerfile'), 'utf8').replace(/\\\n/g, ' ');
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

  it('has only instructions that there are, and runs as the user of the package', () => {
    const instructions = ['FROM', 'ARG', 'RUN', 'USER', 'VOLUME', 'ENTRYPOINT', 'CMD'];
    expect(lines.map((line) => line.split(' ')[0]).filter((word) => !instructions.includes(word ?? ''))).toEqual([]);
    expect(lines).toContain('USER mcos');
    const [entrypoint] = lines.filter((line) => line.startsWith('ENTRYPOINT ')).map((line) => JSON.parse(line.slice(11)) as string[]);
    expect(entrypoint).toEqual(['/usr/bin/mcos']);
  });
});
