import { defineStore } from 'pinia';
import { ref, shallowRef } from 'vue';
import type { DashboardSession, StatusView } from '../../../backend/contracts/dashboard-api.ts';
import { createApiClient } from '../../shared/api-client.ts';

export type SessionState = { kind: 'asking' } | { kind: 'out'; ended: boolean } | { kind: 'in'; username: string };

/** Who is logged in, which node this is, and whether it serves. */
export const useSessionStore = defineStore('session', () => {
  const state = ref<SessionState>({ kind: 'asking' });
  const status = shallowRef<StatusView | null>(null);
  /** Several questions may be refused at once: the first one says that a session was there. */
  const hasEnded = (): boolean => state.value.kind === 'in' || (state.value.kind === 'out' && state.value.ended);
  const api = createApiClient({
    onSessionEnd: () => {
      state.value = { kind: 'out', ended: hasEnded() };
    },
  });
  const take = (view: DashboardSession): void => {
    state.value = view.authenticated ? { kind: 'in', username: view.username } : { kind: 'out', ended: hasEnded() };
  };

  return {
    state,
    status,
    api,
    probe: async (): Promise<void> => {
      [status.value] = await Promise.all([api.get<StatusView>('status'), api.get<DashboardSession>('session').then(take)]);
    },
    refreshStatus: async (): Promise<void> => {
      status.value = await api.get<StatusView>('status');
    },
    logIn: async (username: string, password: string): Promise<void> =>
      take(await api.post<DashboardSession>('session', { username, password })),
    logOut: async (): Promise<void> => {
      await api.delete('session');
      state.value = { kind: 'out', ended: false };
    },
  };
});
