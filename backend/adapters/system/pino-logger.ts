import { pino, type DestinationStream, type Logger as PinoLogger } from 'pino';
import type { Logger } from '../../base/logger.ts';

export interface PinoLoggerOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** Where the lines go; standard error unless given, so that standard output stays for results. */
  readonly destination?: { write(line: string): void };
}

/** JSON lines. Written synchronously: the last line before a crash is the one that matters. */
export function createPinoLogger(options: PinoLoggerOptions): Logger {
  const destination: DestinationStream = options.destination ?? standardError();
  const logger = pino({ level: options.level, base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime }, destination);
  return wrap(logger);
}

export function standardError(): { write(line: string): void } {
  return pino.destination({ dest: 2, sync: true });
}

function wrap(logger: PinoLogger): Logger {
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
    child: (fields) => wrap(logger.child(fields)),
  };
}
