import { createJoinClient } from '../../backend/adapters/network/join-client.ts';
import { failed, success, type Outcome } from '../../backend/base/outcome.ts';
import { failure, spokenFailure } from '../../backend/contracts/errors.ts';
import { desktopRefusalSentence } from '../../backend/contracts/desktop-refusal-texts.ts';
import type { ApiProxy, ApiTarget } from './api-proxy.ts';
import type { Connection, Connections } from './connections.ts';
import type { ControllerHost } from './controller-host.ts';
import { logInThrough, type Login } from './log-in.ts';
import type { SecretStore } from './secrets/secret-store.ts';

/** Which Controller the page talks to. */
export interface ConnectionSwitch {
  /** Makes it the one, and logs in with what is remembered. A failure leaves the app without one. */
  activate(id: string | null): Promise<Outcome<void>>;
  /** Opens the way to the active one anew, as at start and after the local Controller came back. */
  reconnect(): Promise<Outcome<void>>;
  remember(id: string, login: Login): Promise<void>;
  forget(id: string): Promise<void>;
  hasPassword(id: string): Promise<boolean>;
}

const authorityTimeoutMs = 10_000;

/** Fetches the certificate of a CA whose digest is known, and of no other. */
export type FetchAuthority = (url: string, digest: string) => Promise<Outcome<string>>;

const fetchAuthority: FetchAuthority = (url, digest) => createJoinClient().fetchAuthority(url, digest, { timeoutMs: authorityTimeoutMs });

export function createConnectionSwitch(deps: {
  connections: Connections;
  host: ControllerHost;
  proxy: ApiProxy;
  secrets: SecretStore;
  log: (message: string) => void;
  fetchAuthority?: FetchAuthority;
}): ConnectionSwitch {
  const { connections, host, proxy, secrets } = deps;
  const secretName = (id: string): string => `connection-${id}`;

  async function targetOf(connection: Connection): Promise<Outcome<ApiTarget>> {
    if (connection.kind === 'local') {
      const state = await host.start();
      if (state.kind === 'running') return success({ url: state.consoleUrl });
      return failed(
        state.kind === 'failed'
          ? { ...failure('Unreachable', state.reason), ...(state.spoken && { spoken: state.spoken }) }
          : spokenFailure('Unreachable', desktopRefusalSentence('notRunning', {})),
      );
    }
    const { url, caDigest } = connection;
    if (caDigest === null || !url.startsWith('https:')) return success({ url });
    const authority = await (deps.fetchAuthority ?? fetchAuthority)(url, caDigest);
    return authority.ok ? success({ url, authorityPem: authority.value }) : authority;
  }

  async function logIn(id: string): Promise<void> {
    const stored = await secrets.get(secretName(id));
    if (stored === null) return;
    const answer = await logInThrough(proxy, JSON.parse(stored) as Login);
    // The page then shows the login form; the reason is there once more when somebody logs in.
    if (!answer.ok) deps.log(`the remembered password of connection ${id} was not taken (${answer.failure.code})`);
  }

  async function reconnect(): Promise<Outcome<void>> {
    const { active } = connections;
    proxy.use(null);
    if (active === null) return success(undefined);
    const target = await targetOf(active);
    // Somebody may have chosen another one in the meantime.
    if (connections.active?.id !== active.id) return success(undefined);
    if (!target.ok) return target;
    proxy.use(target.value);
    await logIn(active.id);
    return success(undefined);
  }

  return {
    activate: async (id) => {
      const chosen = await connections.activate(id);
      return chosen.ok ? reconnect() : chosen;
    },
    reconnect,
    remember: (id, login) => secrets.set(secretName(id), JSON.stringify(login)),
    forget: (id) => secrets.remove(secretName(id)),
    hasPassword: async (id) => (await secrets.get(secretName(id))) !== null,
  };
}
