import { readFile } from 'node:fs/promises';
import { writeDurably } from '../../backend/bin/start-options-file.ts';
import { FailureError, type Outcome, failed, success } from '../../backend/base/outcome.ts';
import { failure } from '../../backend/contracts/errors.ts';

/** A small document of this app beside its data, with the version of its form. Written whole, mode 0600. */
export interface JsonFile<T> {
  read(): Promise<T>;
  write(value: T): Promise<void>;
}

/** `check` turns what was stored into a value or refuses it. Throws `FailureError` for the file of a newer release. */
export function jsonFile<T>(path: string, format: number, empty: T, check: (value: unknown) => T | null): JsonFile<T> {
  return {
    read: async () => {
      const outcome = await readFormat(path, format);
      if (!outcome.ok) throw new FailureError(outcome.failure);
      if (outcome.value === undefined) return empty;
      const value = check(outcome.value);
      if (value === null)
        throw new FailureError(failure('StorageFailed', `${path} does not hold what this app writes there: move it away.`));
      return value;
    },
    write: (value) => writeDurably(path, `${JSON.stringify({ format, value }, null, 2)}\n`),
  };
}

async function readFormat(path: string, format: number): Promise<Outcome<unknown>> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return success(undefined);
    throw error;
  }
  try {
    const stored = JSON.parse(text) as { format?: unknown; value?: unknown };
    if (stored.format === format) return success(stored.value);
    return failed(
      failure(
        'StorageFailed',
        `${path} was written by another release (form ${String(stored.format)}, this one reads ${format}): use that release.`,
      ),
    );
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return failed(failure('StorageFailed', `${path} is damaged (${error.message}): move it away.`));
  }
}
