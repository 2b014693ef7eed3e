import type { createLogTail } from '../../base/log-tail.ts';
import type { LogLevel } from '../../base/logger.ts';

const levels: Readonly<Record<number, LogLevel>> = { 10: 'debug', 20: 'debug', 30: 'info', 40: 'warn', 50: 'error', 60: 'error' };

/** A destination of pino's lines that also keeps the last of them in `tail`. */
export function tailedDestination(
  tail: ReturnType<typeof createLogTail>,
  destination: { write(line: string): void },
): { write(line: string): void } {
  return {
    write: (line) => {
      destination.write(line);
      const { time, level, msg, pid: _pid, ...fields } = JSON.parse(line) as Record<string, unknown>;
      tail.add({
        atMs: Date.parse(String(time)),
        level: levels[Number(level)] ?? 'info',
        message: String(msg),
        fields: JSON.stringify(fields),
      });
    },
  };
}
