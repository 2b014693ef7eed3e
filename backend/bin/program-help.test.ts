import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { addDemoCommands } from './demo/demo-command.ts';
import { createProgram } from './program.ts';

const whole = await createProgram();
addDemoCommands(whole.command('demo'));

/** `node start --zone <name>` and its description, of every command there is. */
function flagsOf(command: Command, path: string): { flag: string; described: string }[] {
  const own = command.options
    .filter((option) => option.required && !option.mandatory && option.defaultValue === undefined)
    .map((option) => ({ flag: `${path} ${option.flags}`, described: option.description }));
  return [...own, ...command.commands.flatMap((child) => flagsOf(child, `${path} ${child.name()}`))];
}

const flags = flagsOf(whole, 'mcos');

describe('the help of the command line', () => {
  it('knows many flags with a value', () => expect(flags.length).toBeGreaterThan(40));

  it('says of every flag that takes a value what holds without it', () => {
    expect(flags.filter(({ described }) => !/\(.+\)/.test(described)).map(({ flag }) => flag)).toEqual([]);
  });
});
