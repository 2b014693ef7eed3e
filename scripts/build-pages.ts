import { spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Builds the two pages into dist/pages. As a script: always; as `ensurePages()`: only when they are
 * missing or older than what they are made from. Progress goes to stderr, so that stdout stays free
 * for the one JSON line of the demo.
 */

const root = fileURLToPath(new URL('..', import.meta.url));
const pages = ['console', 'dashboard'] as const;
type PageName = (typeof pages)[number];

export interface PageDirectories {
  readonly consoleDirectory: string;
  readonly dashboardDirectory: string;
}

const directories: PageDirectories = {
  consoleDirectory: join(root, 'dist/pages/console'),
  dashboardDirectory: join(root, 'dist/pages/dashboard'),
};

/** Where the pages are, built first if need be. Throws when the build fails, with what the builder said. */
export async function ensurePages(): Promise<PageDirectories> {
  const newest = newestChangeMs();
  const outdated = pages.filter((page) => builtAtMs(page) < newest);
  if (outdated.length > 0) await buildPages(outdated);
  return directories;
}

/** Each page in a process of its own: beside each other on two cores, and the builder's memory is given back. */
async function buildPages(wanted: readonly PageName[]): Promise<void> {
  const startedAtMs = Date.now();
  console.error(`Building ${wanted.length === 2 ? 'both pages' : `the page ${String(wanted[0])}`} (about half a minute) ...`);
  await Promise.all(wanted.map((page) => buildInOwnProcess(page)));
  console.error(`Pages are ready after ${((Date.now() - startedAtMs) / 1000).toFixed(1)} s.`);
}

function buildInOwnProcess(page: PageName): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [fileURLToPath(import.meta.url), '--page', page], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const said: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => said.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => said.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) {
        console.error(`  page ${page}: built`);
        resolve();
      } else reject(new Error(`The page ${page} could not be built:\n${Buffer.concat(said).toString('utf8').slice(-8000)}`));
    });
  });
}

async function buildHere(page: PageName): Promise<void> {
  process.env.NODE_ENV = 'production';
  const [{ build }, { pageConfig }] = await Promise.all([import('vite'), import('../renderer/vite-page.ts')]);
  await build(pageConfig(page));
  writeFileSync(stampOf(page), `${new Date().toISOString()}\n`);
}

/** Written last, so that a build that was cut off counts as missing. */
function stampOf(page: PageName): string {
  return join(root, 'dist/pages', page, '.built');
}

function builtAtMs(page: PageName): number {
  return existsSync(stampOf(page)) && existsSync(join(root, 'dist/pages', page, 'index.html')) ? statSync(stampOf(page)).mtimeMs : 0;
}

function newestChangeMs(): number {
  let newest = 0;
  for (const manifest of ['package.json', 'package-lock.json']) newest = Math.max(newest, statSync(join(root, manifest)).mtimeMs);
  for (const folder of ['renderer', 'backend/contracts']) {
    for (const entry of readdirSync(join(root, folder), { recursive: true, withFileTypes: true }))
      if (entry.isFile()) newest = Math.max(newest, statSync(join(entry.parentPath, entry.name)).mtimeMs);
  }
  return newest;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const page = process.argv[2] === '--page' ? pages.find((name) => name === process.argv[3]) : undefined;
  try {
    await (page ? buildHere(page) : buildPages(pages));
  } catch (error) {
    console.error(error instanceof Error ? (page ? error.stack : error.message) : error);
    process.exitCode = 1;
  }
}
