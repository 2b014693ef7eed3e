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
  const inUse = addressInUse(error);
  if (inUse !== null) return { code: 'Conflict', message: inUse, exitCode: 1 };
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: 'InternalError', message: `This is a defect of mcos: ${text}`, exitCode: 1 };
}

/** A sentence for a port that cannot be listened on; that is nobody's defect. */
function addressInUse(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error) || !('port' in error)) return null;
  const place = `${'address' in error ? String(error.address) : ''}:${String(error.port)}`;
  if (error.code === 'EADDRINUSE') return `Another process listens on ${place} already. Stop it, or choose another port.`;
  if (error.code === 'EACCES') return `This user may not listen on ${place}. Choose a port from 1024 on.`;
  if (error.code === 'EADDRNOTAVAIL') return `This machine has no address ${place}. Choose another address to listen on.`;
  return null;
}
