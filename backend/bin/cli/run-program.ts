import { CommanderError, type Command } from 'commander';
import { FailureError } from '../../base/outcome.ts';
import { CommandError } from './command-error.ts';
import { visible } from './format.ts';

/** Runs one command line. Exit codes: 0 done, 1 failed, 2 usage. With --json a failure is one JSON object on standard error. */
export async function runProgram(program: Command, parameters: readonly string[]): Promise<number> {
  prepare(program);
  try {
    await program.parseAsync(parameters.slice(), { from: 'user' });
    return typeof process.exitCode === 'number' ? process.exitCode : 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const { code, message, exitCode } = describe(error);
    if (parameters.includes('--json')) process.stderr.write(`${JSON.stringify({ error: { code, message } })}\n`);
    else process.stderr.write(`mcos: ${visible(message)}\n`);
    return exitCode;
  }
}

/** Commander must throw instead of ending the process, in every command of the tree. */
function prepare(command: Command): void {
  command.exitOverride();
  command.showHelpAfterError('(add --help for what it takes)');
  for (const child of command.commands) prepare(child);
}

function describe(error: unknown): { code: string; message: string; exitCode: number } {
  if (error instanceof CommandError) return error;
  if (error instanceof FailureError) return { code: error.failure.code, message: error.failure.message, exitCode: 1 };
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: 'InternalError', message: `This is a defect of mcos: ${text}`, exitCode: 1 };
}
