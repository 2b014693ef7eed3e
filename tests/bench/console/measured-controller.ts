import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ControllerOrder, ControllerUsage, FromController, ToController } from './controller-messages.ts';

/** The Controller of the bench as a process that does what it is told, one order at a time. */
export interface MeasuredController {
  readonly consoleUrl: string;
  readonly password: string;
  updates(perSecond: number): Promise<void>;
  usage(): Promise<ControllerUsage>;
  stop(): Promise<void>;
}

export async function startMeasuredController(order: ControllerOrder): Promise<MeasuredController> {
  const child = fork(fileURLToPath(new URL('controller-process.ts', import.meta.url)), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const exited = new Promise<never>((_resolve, reject) =>
    child.once('exit', (code) => reject(new Error(`the Controller of the bench ended with ${String(code)}`))),
  );
  exited.catch(() => undefined);
  const ask = (message: ToController): Promise<FromController> => {
    const answer = new Promise<FromController>((resolve) => child.once('message', (said: FromController) => resolve(said)));
    child.send(message);
    return Promise.race([answer, exited]);
  };
  const started = await ask({ kind: 'start', ...order });
  if (started.kind !== 'started') throw new Error('the Controller of the bench did not start');
  return {
    consoleUrl: started.consoleUrl,
    password: started.password,
    updates: async (perSecond) => void (await ask({ kind: 'updates', perSecond })),
    usage: async () => {
      const answer = await ask({ kind: 'usage' });
      if (answer.kind !== 'usage') throw new Error('the Controller of the bench did not tell its usage');
      return answer;
    },
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
      await ask({ kind: 'stop' }).catch(() => child.kill('SIGKILL'));
      await ended;
    },
  };
}
