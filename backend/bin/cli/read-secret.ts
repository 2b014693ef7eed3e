import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { CommandError, usageError } from './command-error.ts';

/** A password from the option, from MCOS_NEW_PASSWORD, typed unseen at a terminal, or from a line of standard input; else a usage error. */
export async function passwordFrom(given: string | undefined, option: string): Promise<string> {
  if (given !== undefined && given !== '-') return given;
  if (given === undefined && process.env.MCOS_NEW_PASSWORD !== undefined) return process.env.MCOS_NEW_PASSWORD;
  const typed = process.stdin.isTTY === true ? await askUnseen('Password: ') : await nextLine();
  if (typed !== '') return typed;
  throw usageError(`A password is needed: give it on standard input, in MCOS_NEW_PASSWORD or with ${option}.`);
}

async function nextLine(): Promise<string> {
  const lines = createInterface({ input: process.stdin });
  for await (const line of lines) {
    lines.close();
    if (line !== '') return line;
  }
  return '';
}

/** Asks at the terminal, which shows nothing of what is typed: readline would echo it, so it writes to nowhere. */
async function askUnseen(question: string): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  process.stderr.write(question);
  const givenUp = new AbortController();
  lines.once('SIGINT', () => givenUp.abort()).once('close', () => givenUp.abort());
  try {
    return await lines.question('', { signal: givenUp.signal });
  } catch (error) {
    if (givenUp.signal.aborted) throw new CommandError('Interrupted', 'Nothing was typed; nothing was changed.');
    throw error;
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}
