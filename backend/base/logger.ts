/** Structured logging as a port. Fields first, then one sentence; never a secret in either. */
export interface Logger {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  /** A logger that adds `fields` to every line. */
  child(fields: LogFields): Logger;
}

export type LogFields = Record<string, unknown>;

/** Swallows everything; for tests and for library use. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLogger,
};

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** A line as it is kept for looking at: what is not message, time or level is JSON in `fields`. */
export interface LogTailLine {
  readonly sequence: number;
  readonly atMs: number;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: string;
}
