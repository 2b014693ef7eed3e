import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectRoot } from './run-step.ts';

const mostLines = 450;
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: projectRoot, encoding: 'utf8' })
  .split('\n')
  .filter((path) => path !== '' && existsSync(join(projectRoot, path)));
const read = (path: string): string => readFileSync(join(projectRoot, path), 'utf8');

/** Rules that no linter has. */
describe('the repository', () => {
  it(`has no source file of more than ${mostLines} lines`, () => {
    const source = files.filter((path) => /\.(ts|mjs|cjs|vue|css)$/.test(path));
    expect(source.filter((path) => read(path).split('\n').length - 1 > mostLines)).toEqual([]);
  });

  it('can be checked out everywhere, Windows included', () => {
    expect(files.filter((path) => /[<>:"\\|?*\p{Cc}]|[. ](\/|$)/u.test(path))).toEqual([]);
    const folded = files.map((path) => path.toLowerCase());
    expect(folded.filter((path, index) => folded.indexOf(path) !== index)).toEqual([]);
  });

  it('names no registry in the lock file, so that npm asks the one that is configured', () => {
    expect(read('package-lock.json')).not.toContain('"resolved": "http');
  });

  it('has every script that package.json names', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const missing = Object.values(scripts).flatMap((command) =>
      command
        .split(' ')
        .slice(1)
        .filter((word) => /\.(ts|mjs)$/.test(word) && !existsSync(join(projectRoot, word))),
    );
    expect(missing).toEqual([]);
  });

  it('lets the launcher take the place of the shell in every script, so that signals arrive', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    expect(Object.entries(scripts).filter(([, command]) => !command.startsWith('exec node scripts/node24.mjs '))).toEqual([]);
  });

  it.each(files.filter((path) => path.endsWith('.md')))('%s names only files and commands that exist', (path) => {
    const text = read(path);
    expect(missingPaths(path, text)).toEqual([]);
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const commands = [...text.matchAll(/npm run (?:--silent )?([a-z][\w:]*)/g)].map((match) => match[1] ?? '');
    expect(commands.filter((name) => !(name in scripts))).toEqual([]);
  });
});

/** Links, and words in code marks that look like a path of the source. */
function missingPaths(document: string, text: string): string[] {
  const folder = document.includes('/') ? document.slice(0, document.lastIndexOf('/') + 1) : '';
  const links = [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map((match) => folder + (match[1] ?? ''));
  const paths = [...text.matchAll(/`((?:backend|renderer|electron|scripts|tests|docs|\.ci)\/[\w./-]*)`/g)].map((match) => match[1] ?? '');
  return [...links, ...paths].filter((path) => !existsSync(join(projectRoot, path)));
}
