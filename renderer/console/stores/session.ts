import { defineStore } from 'pinia';
import { ref } from 'vue';
import type { SessionView } from '../../../backend/contracts/admin-api.ts';
import { ApiError, createApiClient, otherVersion } from '../../shared/api-client.ts';
import { createOtherClock } from '../../shared/other-clock.ts';

export type SessionState =
  { kind: 'asking' } | { kind: 'unanswered'; problem: ApiError } | { kind: 'out'; ended: boolean } | { kind: 'in'; username: string };

/** Who is logged in, and the client through which everything else asks. */
export const useSessionStore = defineStore('session', () => {
  const state = ref<SessionState>({ kind: 'asking' });
  /** Several questions may be refused at once: the first one says that a session was there. */
  const hasEnded = (): boolean => state.value.kind === 'in' || (state.value.kind === 'out' && state.value.ended);
  const controllerClock = createOtherClock();
  const api = createApiClient({
    onDate: controllerClock.hear,
    onSessionEnd: () => {
      state.value = { kind: 'out', ended: hasEnded() };
    },
  });

  const take = (view: SessionView): void => {
    if (typeof view.authenticated !== 'boolean') throw otherVersion(200);
    state.value = view.authenticated ? { kind: 'in', username: view.username } : { kind: 'out', ended: hasEnded() };
  };

  async function probe(): Promise<void> {
    try {
      take(await api.get<SessionView>('session'));
    } catch (error) {
      // The one call that every Controller of this version knows.
      throw error instanceof ApiError && error.code === 'NotFound' ? otherVersion(error.status) : error;
    }
  }

  return {
    state,
    api,
    /** How far the Controller's clock is ahead of this machine's: its times are compared with that. */
    controllerAheadMs: controllerClock.aheadMs,
    probe,
    /** The first question of the page. Nobody is logged in or out before it is answered. */
    begin: async (): Promise<void> => {
      try {
        await probe();
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        state.value = { kind: 'unanswered', problem: error };
      }
    },
    logIn: async (username: string, password: string): Promise<void> =>
      take(await api.post<SessionView>('session', { username, password, kind: 'cookie' })),
    logOut: async (): Promise<void> => {
      await api.delete('session');
      state.value = { kind: 'out', ended: false };
    },
  };
});
