import { appendFileSync, existsSync, mkdirSync, openSync, closeSync, fstatSync, readSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** The app's own log: lines of JSON in a file, beside it the one before. */
export interface AppLog {
  readonly path: string;
  /** One line, as pino makes them. */
  write(line: string): void;
  /** A sentence of the app itself. */
  note(message: string): void;
  /** The end of the file, at most `tailBytes`, from the start of a line on. */
  tail(): string;
}

const largestBytes = 5 << 20;
const tailBytes = 64 << 10;

/** Written synchronously: the last line before a crash is the one that matters. Bounded to twice `largestBytes`. */
export function openAppLog(path: string): AppLog {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  let sizeBytes = existsSync(path) ? statSync(path).size : 0;
  const append = (line: string): void => {
    if (sizeBytes > largestBytes) {
      renameSync(path, `${path}.old`);
      sizeBytes = 0;
    }
    const text = line.endsWith('\n') ? line : `${line}\n`;
    appendFileSync(path, text, { mode: 0o600 });
    sizeBytes += Buffer.byteLength(text);
  };
  // A disk that is full must not take the app down through its own log.
  const write = (line: string): void => {
    try {
      append(line);
    } catch (error) {
      process.stderr.write(`${line}\nthe log ${path} cannot be written: ${String(error)}\n`);
    }
  };
  return {
    path,
    write,
    note: (message) => write(JSON.stringify({ time: new Date().toISOString(), pid: process.pid, process: 'desktop', msg: message })),
    tail: () => readTail(path),
  };
}

function readTail(path: string): string {
  if (!existsSync(path)) return '';
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const start = Math.max(0, size - tailBytes);
    const bytes = Buffer.alloc(size - start);
    readSync(file, bytes, 0, bytes.length, start);
    const text = bytes.toString('utf8');
    return start === 0 ? text : text.slice(text.indexOf('\n') + 1);
  } finally {
    closeSync(file);
  }
}
