import { createInterface } from 'node:readline';
import { usageError } from './command-error.ts';

/** A password from the option, from a line of standard input (`-`), or a usage error. */
export async function passwordFrom(given: string | undefined, option: string): Promise<string> {
  if (given !== undefined && given !== '-') return given;
  if (given === undefined && process.stdin.isTTY === true) process.stderr.write('Password: ');
  else if (given === undefined && process.env.MCOS_NEW_PASSWORD !== undefined) return process.env.MCOS_NEW_PASSWORD;
  const lines = createInterface({ input: process.stdin });
  for await (const line of lines) {
    lines.close();
    if (line !== '') return line;
  }
  throw usageError(`${option}: give the password on standard input, in MCOS_NEW_PASSWORD or with ${option}.`);
}
