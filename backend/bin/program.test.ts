import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { createProgram } from './program.ts';

const namesIn = (command: Command | undefined): string[] => (command?.commands ?? []).map((child) => child.name());

async function ringCommandsOf(...parameters: string[]): Promise<string[]> {
  const program = await createProgram(parameters);
  return namesIn(program.commands.find((command) => command.name() === 'ring'));
}

describe('createProgram', () => {
  it('has every group when the first word is none of them', async () => {
    expect(namesIn(await createProgram(['--help']))).toEqual(expect.arrayContaining(['controller', 'node', 'ring', 'bucket', 'events']));
  });

  it('has all commands of the group that is named, also when the next word is none of them', async () => {
    const all = ['show', 'plan', 'create', 'history', 'recover', 'evaluate'];
    expect(namesIn(await createProgram(['ring']))).toEqual(['ring']);
    expect(await ringCommandsOf('ring')).toEqual(all);
    expect(await ringCommandsOf('ring', 'constructor')).toEqual(all);
    expect(await ringCommandsOf('ring', '--help')).toEqual(all);
  });

  it('loads an evaluation of rings alone', async () => {
    expect(await ringCommandsOf('ring', 'evaluate', '--help')).toEqual(['evaluate']);
  });
});
