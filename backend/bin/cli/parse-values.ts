import { usageError } from './command-error.ts';

const unitBytes: Readonly<Record<string, number>> = {
  '': 1,
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  PB: 1e15,
  KIB: 2 ** 10,
  MIB: 2 ** 20,
  GIB: 2 ** 30,
  TIB: 2 ** 40,
  PIB: 2 ** 50,
};

/** Whole bytes from e.g. `20GiB`, `1.5TB`, `4096`; null when it is not a size, or zero or less. */
function bytesOf(text: string): number | null {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([A-Za-z]*)\s*$/.exec(text);
  if (match === null) return null;
  const factor = unitBytes[(match[2] ?? '').toUpperCase()];
  if (factor === undefined) return null;
  const bytes = Math.round(Number(match[1]) * factor);
  return Number.isSafeInteger(bytes) && bytes > 0 ? bytes : null;
}

/** Bytes of a size such as `20GiB` (1024s) or `20GB` (1000s). Throws a usage error that names the option. */
export function parseSize(text: string, option: string): number {
  const bytes = bytesOf(text);
  if (bytes === null)
    throw usageError(`${option}: "${text}" is not a size above zero; write for example 20GiB, 500GB or a number of bytes.`);
  return bytes;
}

/** Bytes per second of a speed such as `200MB/s`. Throws a usage error that names the option. */
/** Below it somebody has forgotten the unit. */
const leastSpeed = 1_000;

export function parseSpeed(text: string, option: string): number {
  const bytes = bytesOf(text.replace(/(\/s|ps)\s*$/i, ''));
  if (bytes === null)
    throw usageError(
      `${option}: "${text}" is not a speed above zero; write for example 200MB/s, 1.5GiB/s or a number of bytes per second.`,
    );
  if (bytes < leastSpeed)
    throw usageError(`${option}: "${text}" is ${bytes} bytes per second, slower than any disk or line. Give a unit, for example 200MB/s.`);
  return bytes;
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of a time such as `90s`, `10m`, `24h`, `30d`, `500ms`. */
export function parseDuration(text: string, option: string): number {
  const match = /^\s*(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)\s*$/.exec(text);
  const durationMs = Math.round(Number(match?.[1]) * (unitMs[match?.[2] ?? ''] ?? Number.NaN));
  // Timers of more than 24 days do not exist everywhere; a year is the limit of sense.
  if (!Number.isSafeInteger(durationMs) || durationMs < 1 || durationMs > 366 * 86_400_000)
    throw usageError(`${option}: "${text}" is not a time above zero; write for example 500ms, 90s, 10m, 24h or 30d.`);
  return durationMs;
}

/** A whole number within bounds, both inclusive. */
export function parseInteger(text: string, option: string, minimum: number, maximum: number): number {
  const value = /^[+-]?\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value) || value < minimum || value > maximum)
    throw usageError(`${option}: "${text}" is not a whole number from ${minimum} to ${maximum}.`);
  return value;
}

/** A number within bounds, both inclusive: degrees, prices. */
export function parseDecimal(text: string, option: string, minimum: number, maximum: number): number {
  const value = /^[+-]?(\d+\.?\d*|\.\d+)$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (!Number.isFinite(value) || value < minimum || value > maximum)
    throw usageError(`${option}: "${text}" is not a number from ${minimum} to ${maximum}.`);
  return value;
}

/** A host and an optional port: `127.0.0.1:7400`, `0.0.0.0`, `[::1]:7400`. */
export function parseListen(text: string, option: string, defaultPort: number): { host: string; port: number } {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:[\]/]+))(?::(\d+))?$/.exec(text.trim());
  const host = match?.[1] ?? match?.[2];
  if (host === undefined) throw usageError(`${option}: "${text}" is not HOST or HOST:PORT, for example 127.0.0.1:${defaultPort}.`);
  return { host, port: match?.[3] === undefined ? defaultPort : parseInteger(match[3], option, 0, 65_535) };
}

/** A base URL of the given schemes, without its trailing slash. */
export function parseUrl(text: string, option: string, schemes: readonly ('http' | 'https')[]): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  const scheme = schemes.find((name) => url?.protocol === `${name}:`);
  if (url === null || scheme === undefined)
    throw usageError(`${option}: "${text}" is not a URL beginning with ${schemes.map((name) => `${name}://`).join(' or ')}.`);
  return text.replace(/\/+$/, '');
}

/** `BUCKET/KEY` or `BUCKET`. The key may hold further slashes. */
export function parseObjectName(text: string): { bucket: string; key?: string } {
  const slash = text.indexOf('/');
  const bucket = slash < 0 ? text : text.slice(0, slash);
  if (bucket === '') throw usageError(`"${text}" names no bucket; write BUCKET/KEY.`);
  const key = slash < 0 ? '' : text.slice(slash + 1);
  return key === '' ? { bucket } : { bucket, key };
}

/** NAME=N or NAME=auto, each name once. */
export function parseWeights(values: readonly string[] = []): Record<string, number | null> {
  const weights = new Map<string, number | null>();
  for (const text of values) {
    const [, name, weight] = /^([^=]+)=(\d{1,10}|auto)$/.exec(text) ?? [];
    if (name === undefined || weight === undefined || Number(weight) > 1e9)
      throw usageError(
        `--weight: ${JSON.stringify(text.slice(0, 80))} is not NAME=WEIGHT with a whole number from 0 to 1000000000, or NAME=auto.`,
      );
    if (weights.has(name)) throw usageError(`--weight: ${name} is given twice.`);
    weights.set(name, weight === 'auto' ? null : Number(weight));
  }
  return Object.fromEntries(weights);
}
