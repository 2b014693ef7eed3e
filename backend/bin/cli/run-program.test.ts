import { Command } from 'commander';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { checkPorts } from '../check-ports.ts';
import { runProgram } from './run-program.ts';

afterEach(() => vi.restoreAllMocks());

async function told(action: () => Promise<void>): Promise<{ text: string; exitCode: number }> {
  const written: string[] = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => written.push(String(text)) > 0);
  const program = new Command('mcos');
  program.command('start').action(action);
  const exitCode = await runProgram(program, ['start']);
  return { text: written.join(''), exitCode };
}

describe('what the system refuses', () => {
  it('to listen on a host that nobody knows is a mistake, not a defect', async () => {
    const { text, exitCode } = await told(() => checkPorts('no-such-host.invalid', [27_999]));
    expect(text).toContain('No address is known for the host "no-such-host.invalid"');
    expect(exitCode).toBe(1);
  });

  it('and anything else is told as the defect that it is', async () => {
    const { text, exitCode } = await told(() => Promise.reject(new Error('a bug')));
    expect(text).toContain('This is a defect of mcos: Error: a bug');
    expect(exitCode).toBe(1);
  });
});
