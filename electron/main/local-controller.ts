import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { failed, success, type Outcome } from '../../backend/base/outcome.ts';
import { failure, spokenFailure } from '../../backend/contracts/errors.ts';
import { desktopRefusalSentence } from '../../backend/contracts/desktop-refusal-texts.ts';
import type { ConnectionSwitch } from './connection-switch.ts';
import type { Connections } from './connections.ts';
import type { ControllerHost } from './controller-host.ts';
import { checkLogin } from './log-in.ts';

/** "This computer" as a connection. */
export interface LocalController {
  /** Whether a Controller has been started here before: then its administrator has a password already. */
  readonly exists: boolean;
  /**
   * Starts it and makes it the connection. At its first start `password` becomes that of its admin; afterwards it has to be
   * that one. A failure (`InvalidArgument`, `WrongCredentials`, `Conflict`, …) leaves connections and passwords as they were.
   */
  add(given: { readonly password: string; readonly remember: boolean }): Promise<Outcome<void>>;
}

const shortestPassword = 8;
const username = 'admin';

export function createLocalController(deps: {
  readonly dataDirectory: string;
  readonly host: ControllerHost;
  readonly connections: Connections;
  readonly switcher: ConnectionSwitch;
}): LocalController {
  const { host, connections, switcher } = deps;
  const controllerDirectory = join(deps.dataDirectory, 'controller');
  /** Written once a start has succeeded: one that failed has given nobody a password. */
  const exists = (): boolean => existsSync(join(controllerDirectory, 'ca.pem'));

  /** The Controller ignores the password of a first start when it has one: what was typed must not be dropped silently. */
  async function startWith(password: string): Promise<Outcome<void>> {
    const ranBefore = host.running !== null;
    const state = await host.start({ initialPassword: password });
    if (state.kind !== 'running')
      return failed(
        state.kind === 'failed'
          ? { ...failure('Conflict', state.reason), ...(state.spoken && { spoken: state.spoken }) }
          : spokenFailure('Conflict', desktopRefusalSentence('notStarted', {})),
      );
    const checked = await checkLogin({ url: state.consoleUrl }, { username, password });
    if (checked.ok) return checked;
    if (checked.failure.code !== 'WrongCredentials') return checked;
    if (!ranBefore) await host.stop();
    return failed(
      spokenFailure('WrongCredentials', desktopRefusalSentence('otherPassword', { name: username, directory: controllerDirectory })),
    );
  }

  return {
    get exists() {
      return exists();
    },
    add: async ({ password, remember }) => {
      if (!exists() && password.length < shortestPassword)
        return failed(spokenFailure('InvalidArgument', desktopRefusalSentence('shortPassword', { least: shortestPassword })));
      const started = await startWith(password);
      if (!started.ok) return started;
      const connection = await connections.addLocal('This computer');
      // Stored in any case for the first log-in, taken back where it should not stay.
      await switcher.remember(connection.id, { username, password });
      const activated = await switcher.activate(connection.id);
      if (!remember) await switcher.forget(connection.id);
      return activated.ok ? success(undefined) : activated;
    },
  };
}
