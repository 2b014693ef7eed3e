/** Ends a command with a sentence for the user. Exit code 1: the work failed; 2: the command line is wrong. */
export class CommandError extends Error {
  readonly exitCode: 1 | 2;
  readonly code: string;

  constructor(code: string, message: string, exitCode: 1 | 2 = 1) {
    super(message);
    this.name = 'CommandError';
    this.code = code;
    this.exitCode = exitCode;
  }
}

/** A mistake on the command line. */
export function usageError(message: string): CommandError {
  return new CommandError('Usage', message, 2);
}

/** A command that this release knows but does not offer. */
export function notImplemented(what: string): CommandError {
  return new CommandError('NotImplemented', `${what} is not offered by this release.`);
}
