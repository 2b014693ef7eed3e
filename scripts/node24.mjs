// Runs a script with the Node version that this project pins (an optional dependency), whatever
// Node started us. Plain JavaScript without dependencies, because any Node has to understand it.
//   node scripts/node24.mjs SCRIPT [ARG ...]
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';

const root = fileURLToPath(new URL('..', import.meta.url));
const system = process.platform === 'win32' ? 'win' : process.platform;
const binary = join(root, 'node_modules', `node-${system}-${process.arch}`, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
const own = Number(process.versions.node.split('.')[0]);

let command = process.execPath;
if (existsSync(binary)) command = binary;
else if (own < 24) {
  console.error(
    `MCOS needs Node 24. This is Node ${process.versions.node}, and no pinned one is installed for ${system}-${process.arch}: run "npm ci" with optional dependencies, or install Node 24.`,
  );
  process.exit(1);
}

// Compiled code is kept between runs: a process loads in half the time, and the demo starts six of them.
const compileCache = process.env.NODE_COMPILE_CACHE ?? join(root, 'node_modules', '.cache', 'compiled');
const child = spawn(command, process.argv.slice(2), {
  stdio: 'inherit',
  env: { ...process.env, MCOS_ROOT: root, NODE_COMPILE_CACHE: compileCache },
});
// The terminal sends Ctrl-C to both of us; a second signal that follows from passing it on does no harm.
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
for (const signal of signals) process.on(signal, () => child.kill(signal));
// npm passes a signal only to the shell between it and us. That shell dies of it, and we would run on alone.
const startedBy = process.ppid;
if (process.env.npm_lifecycle_event !== undefined) {
  const watch = setInterval(() => {
    if (process.ppid === startedBy) return;
    clearInterval(watch);
    child.kill('SIGTERM');
  }, 500);
}
child.on('error', (error) => {
  console.error(`Node could not be started (${command}): ${error.message}`);
  process.exit(1);
});
child.on('exit', (code, signal) => {
  if (signal === null) process.exit(code ?? 1);
  // End the same way, so that whoever waits for us sees the signal; our own handlers would swallow it.
  for (const name of signals) process.removeAllListeners(name);
  process.kill(process.pid, signal);
});
