import { createInterface } from 'node:readline/promises';
import { CommandError } from './command-error.ts';

/** Shows a question on standard error and goes on after "y" or "yes"; anything else ends the command. */
export async function confirmOnTerminal(question: string): Promise<void> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const reply = await lines.question(`${question} [y/N] `);
    if (!/^y(es)?$/i.test(reply.trim())) throw new CommandError('Cancelled', 'Nothing was changed.');
  } finally {
    lines.close();
  }
}
