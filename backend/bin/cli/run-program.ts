import { CommanderError, type Command } from 'commander';
import { FailureError } from '../../base/outcome.ts';
import { CommandError } from './command-error.ts';
import { visible } from './format.ts';

/** Runs one command line. Exit codes: 0 done, 1 failed, 2 usage. With --json a failure is one JSON object on standard error. */
export async function runProgram(program: Command, parameters: readonly string[]): Promise<number> {
  const json = parameters.includes('--json');
  prepare(program, json);
  try {
    await program.parseAsync(parameters.slice(), { from: 'user' });
    return typeof process.exitCode === 'number' ? process.exitCode : 0;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    const { code, message, exitCode } = describe(error);
    // Without --json, commander has said it itself, with its hint.
    if (error instanceof CommanderError && !json) return exitCode;
    if (json) process.stderr.write(`${JSON.stringify({ error: { code, message } })}\n`);
    else process.stderr.write(`mcos: ${visible(message)}\n`);
    return exitCode;
  }
}

/** Commander must throw instead of ending the process, in every command of the tree. */
function prepare(command: Command, json: boolean): void {
  command.exitOverride();
  if (json) command.configureOutput({ outputError: () => undefined });
  else command.showHelpAfterError('(--help says what it takes)');
  for (const child of command.commands) prepare(child, json);
}

function describe(error: unknown): { code: string; message: string; exitCode: number } {
  if (error instanceof CommandError) return error;
  if (error instanceof CommanderError) return { code: 'Usage', message: error.message.replace(/^error: /, ''), exitCode: 2 };
  if (error instanceof FailureError) return { code: error.failure.code, message: error.failure.message, exitCode: 1 };
  const expected = systemFailure(error);
  if (expected !== null) return { ...expected, exitCode: 1 };
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: 'InternalError', message: `This is a defect of mcos: ${text}`, exitCode: 1 };
}

/** What the system refused to one of our servers or files, in words; null for anything else, which is a defect. */
function systemFailure(error: unknown): { code: string; message: string } | null {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return null;
  const { code, message } = error;
  if ('syscall' in error && error.syscall === 'listen') return { code: 'Conflict', message: cannotListen(code, message, error) };
  if ('syscall' in error && error.syscall === 'getaddrinfo') {
    const host = 'hostname' in error ? String(error.hostname) : 'that name';
    return {
      code: 'InvalidArgument',
      message: `No address is known for the host "${host}". Give an address, or a name that this machine can look up.`,
    };
  }
  if (!['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'ENOTDIR', 'EISDIR', 'EMFILE', 'EIO'].includes(code)) return null;
  return {
    code: 'StorageFailed',
    message: `The system refused: ${message}. Check that the directory exists, may be written and has space.`,
  };
}

function cannotListen(code: string, message: string, error: object): string {
  const host = 'address' in error ? String(error.address) : 'the given address';
  const where = 'port' in error ? `${host}:${String(error.port)}` : host;
  if (code === 'EADDRINUSE')
    return `Another process listens on ${where} already. Stop it, or choose another port (--base-port of a node or demo, --listen of a Controller).`;
  if (code === 'EADDRNOTAVAIL') return `This machine has no address ${where}. Choose another address to listen on.`;
  if (code === 'EACCES') return `This user may not listen on ${where}. Choose a port from 1024 on.`;
  return `Cannot listen on ${where}: ${message}`;
}
