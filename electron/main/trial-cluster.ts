import { join } from 'node:path';
import { placeOf, placeOptions } from '../../backend/bin/demo/places.ts';
import { FailureError } from '../../backend/base/outcome.ts';
import type { NodeView, TokenCreated } from '../../backend/contracts/admin-api.ts';
import type { TrialState } from '../../backend/contracts/desktop-ipc.ts';
import { desktopRefusalSentence } from '../../backend/contracts/desktop-refusal-texts.ts';
import { spokenFailure } from '../../backend/contracts/errors.ts';
import { passedOn } from '../../backend/contracts/passed-on.ts';
import type { Sentence } from '../../backend/contracts/spoken.ts';

/** One Cloud Service in a process of its own. */
export interface TrialProcess {
  /** Resolves when it says that it is up; rejects with its last words when it ends before. */
  readonly ready: Promise<void>;
  readonly exited: Promise<void>;
  /** Asks it to stop, and ends it after a while. */
  stop(): Promise<void>;
}

export type StartTrialProcess = (name: string, parameters: readonly string[]) => TrialProcess;
export type CallApi = <T>(method: 'GET' | 'POST', path: string, body?: unknown) => Promise<T>;

export interface TrialCluster {
  readonly state: TrialState;
  /** Joins them to the Controller on this computer, one after another. Needs a session of the admin. */
  start(clusterUrl: string): Promise<TrialState>;
  stop(): Promise<TrialState>;
}

export const trialNodes = 5;
/** From the Controller's cluster port on, as everywhere: node i takes the three ports from + 10 + 10 i. */
const portStep = 10;

/**
 * Five Cloud Services in three zones on this computer, to try things out. Their data stays, so that they come back
 * as the same ones.
 *
 * Invariant: every process that was started is in `processes` until it has ended; after `stop` there is none.
 */
export function createTrialCluster(options: {
  directory: string;
  start: StartTrialProcess;
  call: CallApi;
  onChange: () => void;
}): TrialCluster {
  const processes = new Set<TrialProcess>();
  let kind: TrialState['kind'] = 'stopped';
  let reason: Sentence | null = null;

  const state = (): TrialState => ({
    kind,
    running: processes.size,
    wanted: trialNodes,
    reason: reason?.sentence ?? null,
    ...(reason !== null && reason.sentenceKey !== '' && { spoken: reason }),
  });
  const become = (next: TrialState['kind'], why: Sentence | null = null): TrialState => {
    kind = next;
    reason = why;
    options.onChange();
    return state();
  };

  async function startOne(index: number, clusterUrl: string, known: readonly NodeView[]): Promise<void> {
    const name = `trial-${index + 1}`;
    const joins = known.some((node) => node.name === name)
      ? []
      : ['--join', (await options.call<TokenCreated>('POST', '/tokens', { note: name })).token];
    const process = options.start(name, [
      ...['node', 'start', '--json', '--data', join(options.directory, name), '--name', name, '--controller', clusterUrl, ...joins],
      ...placeOptions(placeOf(index)),
      ...['--capacity', '5GiB', '--base-port', String(Number(new URL(clusterUrl).port) + portStep * (index + 1)), '--log-level', 'warn'],
    ]);
    processes.add(process);
    void process.exited.then(() => {
      processes.delete(process);
      if (kind === 'running') become(processes.size === 0 ? 'stopped' : 'running', desktopRefusalSentence('trialEnded', { name }));
    });
    await process.ready;
    options.onChange();
  }

  async function stopAll(): Promise<void> {
    await Promise.all([...processes].map((process) => process.stop()));
  }

  return {
    get state() {
      return state();
    },
    start: async (clusterUrl) => {
      if (kind === 'starting' || kind === 'running') return state();
      become('starting');
      try {
        const known = await options.call<NodeView[]>('GET', '/nodes');
        // `stop` in the meantime ends the row.
        for (let index = 0; index < trialNodes && state().kind === 'starting'; index++) await startOne(index, clusterUrl, known);
        return state().kind === 'starting' ? become('running') : state();
      } catch (error) {
        // What a process has said last, or what the Controller refuses.
        const why = passedOn(
          error instanceof FailureError ? error.failure : { message: error instanceof Error ? error.message : String(error) },
        );
        become('failed', why);
        await stopAll();
        if (error instanceof FailureError) throw error;
        throw new FailureError(spokenFailure('Conflict', desktopRefusalSentence('trialNotStarted', { reason: why })));
      }
    },
    stop: async () => {
      kind = 'stopped';
      await stopAll();
      return become('stopped');
    },
  };
}
