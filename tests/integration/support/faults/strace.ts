import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';

const attachedTimeoutMs = 10_000;

/** Makes system calls of a running process fail. */
export interface FaultInjection {
  /** Lets the process go on without faults. */
  end(): Promise<void>;
}

/** Which calls fail: those that meet `path`, or those of the threads that do the files of `node:fs`. */
export type InjectedCalls =
  { readonly calls: string; readonly path: string } | { readonly calls: string; readonly threads: 'file workers' };

/**
 * The first matching call (of each thread) fails with EIO, every later one succeeds: so whoever tries again
 * would believe that all is well.
 */
export async function failOnce(pid: number, what: InjectedCalls): Promise<FaultInjection> {
  const targets = 'path' in what ? ['-f', '-p', String(pid), '-P', what.path] : (await fileWorkers(pid)).flatMap((id) => ['-p', id]);
  const child = spawn('strace', [...targets, '-e', `trace=${what.calls}`, '-e', `inject=${what.calls}:error=EIO:when=1`], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await attached(child);
  return {
    end: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGINT');
      await once(child, 'exit');
    },
  };
}

function attached(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('strace did not attach in time')), attachedTimeoutMs);
    const settle = (end: () => void): void => {
      clearTimeout(timer);
      end();
    };
    let said = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes('attached')) settle(resolve);
    });
    child.once('error', (error) => settle(() => reject(error)));
    child.once('exit', () => settle(() => reject(new Error(`strace ended: ${said}`))));
  });
}

/** Threads of libuv's pool: they do the files, while names are written by a worker of their own. */
async function fileWorkers(pid: number): Promise<string[]> {
  const ids: string[] = [];
  for (const id of await readdir(`/proc/${pid}/task`)) {
    const name = await readFile(`/proc/${pid}/task/${id}/comm`, 'utf8');
    if (name.trim() === 'libuv-worker') ids.push(id);
  }
  if (ids.length === 0) throw new Error(`process ${pid} has no thread of the name libuv-worker`);
  return ids;
}

/** Whether this machine lets us attach to a process that is not our child's; undefined when it does, otherwise why not. */
export async function whyNoStrace(): Promise<string | undefined> {
  const sleeper = spawn('sleep', ['60'], { stdio: 'ignore' });
  try {
    await once(sleeper, 'spawn');
    const injection = await failOnce(sleeper.pid ?? 0, { calls: 'fsync', path: '/' });
    await injection.end();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message.trim() : String(error);
  } finally {
    sleeper.kill('SIGKILL');
  }
}
