import { FailureError } from '../../backend/base/outcome.ts';
import type { ControllerState } from '../../backend/contracts/desktop-ipc.ts';
import { desktopRefusalSentence } from '../../backend/contracts/desktop-refusal-texts.ts';
import { passedOn } from '../../backend/contracts/passed-on.ts';
import type { Sentence } from '../../backend/contracts/spoken.ts';
import { systemReason } from '../../backend/contracts/system-texts.ts';

/** A started Controller, as the host needs it. */
export interface RunningController {
  readonly consoleUrl: string;
  readonly clusterUrl: string;
  readonly caCertificatePem: string;
  /** Resolves when it cannot go on (a broken disk). */
  readonly ended: Promise<{ readonly reason: string; readonly spoken?: Sentence }>;
  stop(): Promise<void>;
}

export type StartController = (options: { initialPassword?: string }) => Promise<RunningController>;

/** The Controller inside this app. */
export interface ControllerHost {
  readonly state: ControllerState;
  readonly running: RunningController | null;
  /** Starts it unless it runs; a start that fails ends in the state `failed`, with its reason. */
  start(options?: { initialPassword?: string }): Promise<ControllerState>;
  stop(): Promise<void>;
  /** Something in it threw and nobody caught it: it is taken down, and can be started again. */
  crashed(error: unknown): Promise<void>;
  restart(): Promise<ControllerState>;
}

/**
 * Invariants: at most one Controller runs; starts, stops and crashes are dealt with one after another;
 * `running` is set exactly in the state `running`.
 */
export function createControllerHost(options: {
  start: StartController;
  onChange: () => void;
  log: (text: string) => void;
}): ControllerHost {
  let state: ControllerState = { kind: 'stopped' };
  let running: RunningController | null = null;
  let turn: Promise<unknown> = Promise.resolve();

  const become = (next: ControllerState): ControllerState => {
    state = next;
    options.onChange();
    return next;
  };
  const inTurn = <T>(task: () => Promise<T>): Promise<T> => {
    const next = turn.then(task);
    turn = next.catch(() => undefined);
    return next;
  };

  async function startNow(given: { initialPassword?: string }): Promise<ControllerState> {
    if (running !== null) return state;
    become({ kind: 'starting' });
    try {
      const started = await options.start(given);
      running = started;
      void started.ended.then(({ reason, spoken }) =>
        inTurn(async () => {
          if (running === started) await stopNow({ kind: 'failed', reason, ...(spoken && { spoken }) });
        }),
      );
      return become({ kind: 'running', consoleUrl: started.consoleUrl, clusterUrl: started.clusterUrl });
    } catch (error) {
      const why = whyOf(error);
      options.log(`the Controller did not start: ${why.sentence}`);
      return become(failedBy(why));
    }
  }

  async function stopNow(next: ControllerState): Promise<void> {
    const stopping = running;
    running = null;
    try {
      await stopping?.stop();
    } catch (error) {
      options.log(`the Controller did not stop cleanly: ${whyOf(error).sentence}`);
    }
    become(next);
  }

  return {
    get state() {
      return state;
    },
    get running() {
      return running;
    },
    start: (given = {}) => inTurn(() => startNow(given)),
    stop: () => inTurn(() => stopNow({ kind: 'stopped' })),
    crashed: (error) => {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      options.log(`something failed that nobody expected: ${text}`);
      return inTurn(async () => {
        if (running !== null) await stopNow(failedBy(desktopRefusalSentence('endedByDefect', { reason: whyOf(error) })));
      });
    },
    restart: () =>
      inTurn(async () => {
        if (running !== null) await stopNow({ kind: 'stopped' });
        return startNow({});
      }),
  };
}

function failedBy(why: Sentence): ControllerState {
  return { kind: 'failed', reason: why.sentence, ...(why.sentenceKey === '' ? {} : { spoken: why }) };
}

/** The sentence for a person; what the system says of a port is put into words. */
export function whyOf(error: unknown): Sentence {
  if (error instanceof FailureError) return passedOn(error.failure);
  if (!(error instanceof Error)) return passedOn({ message: String(error) });
  if (!('code' in error) || typeof error.code !== 'string') return passedOn({ message: error.message });
  if (error.code === 'EADDRINUSE' && 'port' in error) return desktopRefusalSentence('portTaken', { port: String(error.port) });
  return systemReason(error.message, error.code);
}
