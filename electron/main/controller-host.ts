import { FailureError } from '../../backend/base/outcome.ts';
import type { ControllerState } from '../../backend/contracts/desktop-ipc.ts';

/** A started Controller, as the host needs it. */
export interface RunningController {
  readonly consoleUrl: string;
  readonly clusterUrl: string;
  readonly caCertificatePem: string;
  /** Resolves when it cannot go on (a broken disk). */
  readonly ended: Promise<{ readonly reason: string }>;
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
      void started.ended.then(({ reason }) =>
        inTurn(async () => {
          if (running === started) await stopNow({ kind: 'failed', reason });
        }),
      );
      return become({ kind: 'running', consoleUrl: started.consoleUrl, clusterUrl: started.clusterUrl });
    } catch (error) {
      const reason = reasonOf(error);
      options.log(`the Controller did not start: ${reason}`);
      return become({ kind: 'failed', reason });
    }
  }

  async function stopNow(next: ControllerState): Promise<void> {
    const stopping = running;
    running = null;
    try {
      await stopping?.stop();
    } catch (error) {
      options.log(`the Controller did not stop cleanly: ${reasonOf(error)}`);
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
        if (running !== null) await stopNow({ kind: 'failed', reason: `It ended because of a defect: ${reasonOf(error)}` });
      });
    },
    restart: () =>
      inTurn(async () => {
        if (running !== null) await stopNow({ kind: 'stopped' });
        return startNow({});
      }),
  };
}

/** The sentence for a person; what the system says of a port is put into words. */
export function reasonOf(error: unknown): string {
  if (error instanceof FailureError) return error.failure.message;
  if (!(error instanceof Error)) return String(error);
  if ('code' in error && error.code === 'EADDRINUSE' && 'port' in error)
    return `Another process listens on port ${String(error.port)} of this computer already, perhaps another Controller. Stop it, then start this one again.`;
  return error.message;
}
