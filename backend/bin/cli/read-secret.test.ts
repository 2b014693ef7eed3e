import { spawn, spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';

const program = `import { passwordFrom } from ${JSON.stringify(new URL('./read-secret.ts', import.meta.url).href)};
passwordFrom(undefined, '--new-password').then((password) => console.log('characters: ' + password.length), (error) => console.log(error.code));`;
const { MCOS_NEW_PASSWORD: _, ...environment } = process.env;
/** util-linux's: runs a command at a terminal of its own. */
const hasScript = spawnSync('script', ['--version']).status === 0;

function run(command: string, parameters: readonly string[], typed: string, whenAsked: boolean): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, parameters, { env: { ...environment, PROGRAM: program } });
    let output = '';
    if (!whenAsked) child.stdin.end(typed);
    child.stdout.on('data', (chunk: Buffer) => {
      const asked = output.includes('Password: ');
      output += chunk.toString();
      if (whenAsked && !asked && output.includes('Password: ')) child.stdin.write(typed);
    });
    child.on('error', reject).on('close', () => resolve(output));
  });
}

describe('a password', () => {
  const atTerminal = (typed: string): Promise<string> =>
    run('script', ['-qec', `"${process.execPath}" --input-type=module -e "$PROGRAM"`, '/dev/null'], typed, true);

  it.skipIf(!hasScript)('that is typed at a terminal is not shown', async () => {
    const output = await atTerminal('sesame open\r');
    expect(output).toContain('characters: 11');
    expect(output).not.toContain('sesame');
  });

  it.skipIf(!hasScript)('is not asked for again when Ctrl-C is typed', async () => {
    expect(await atTerminal('ses\x03')).toContain('Interrupted');
  });

  it('is read from standard input, whose first empty lines do not count', async () => {
    expect(await run(process.execPath, ['--input-type=module', '-e', program], '\nsesame\nmore', false)).toBe('characters: 6\n');
    expect(await run(process.execPath, ['--input-type=module', '-e', program], '\n', false)).toBe('Usage\n');
  });
});
