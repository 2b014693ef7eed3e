import { defineStore } from 'pinia';
import { ref } from 'vue';
import type { SessionView } from '../../../backend/contracts/admin-api.ts';
import { createApiClient } from '../../shared/api-client.ts';

export type SessionState = { kind: 'asking' } | { kind: 'out'; ended: boolean } | { kind: 'in'; username: string };

/** Who is logged in, and the client through which everything else asks. */
export const useSessionStore = defineStore('session', () => {
  const state = ref<SessionState>({ kind: 'asking' });
  /** Several questions may be refused at once: the first one says that a session was there. */
  const hasEnded = (): boolean => state.value.kind === 'in' || (state.value.kind === 'out' && state.value.ended);
  const api = createApiClient({
    onSessionEnd: () => {
      state.value = { kind: 'out', ended: hasEnded() };
    },
  });

  const take = (view: SessionView): void => {
    state.value = view.authenticated ? { kind: 'in', username: view.username } : { kind: 'out', ended: hasEnded() };
  };

  return {
    state,
    api,
    probe: async (): Promise<void> => take(await api.get<SessionView>('session')),
    logIn: async (username: string, password: string): Promise<void> =>
      take(await api.post<SessionView>('session', { username, password, kind: 'cookie' })),
    logOut: async (): Promise<void> => {
      await api.delete('session');
      state.value = { kind: 'out', ended: false };
    },
  };
});
