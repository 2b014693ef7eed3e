import { defineStore } from 'pinia';
import { computed, ref, shallowRef } from 'vue';
import type { DesktopChannel } from '../../../backend/contracts/desktop-channels.ts';
import type {
  ConnectionsView,
  ControllerState,
  DesktopParameters,
  DesktopResult,
  TrialState,
} from '../../../backend/contracts/desktop-ipc.ts';
import { ApiError } from '../../shared/api-client.ts';
import { askDesktop, isDesktop } from './bridge.ts';

/** What the page knows of the app around it. In a browser it stays empty. */
export const useDesktopStore = defineStore('desktop', () => {
  const connections = shallowRef<ConnectionsView | null>(null);
  const controller = shallowRef<ControllerState | null>(null);
  const trial = shallowRef<TrialState | null>(null);
  const problem = shallowRef<ApiError | null>(null);
  const busy = ref(false);
  const active = computed(() => connections.value?.connections.find(({ id }) => id === connections.value?.active) ?? null);

  async function refresh(): Promise<void> {
    [connections.value, controller.value, trial.value] = await Promise.all([
      askDesktop('connections', {}),
      askDesktop('controller-state', {}),
      askDesktop('trial-state', {}),
    ]);
  }

  /** Asks one thing at a time; what went wrong is shown beside what was asked. */
  async function ask<C extends DesktopChannel>(channel: C, parameters: DesktopParameters<C>): Promise<DesktopResult<C> | null> {
    if (busy.value) return null;
    busy.value = true;
    problem.value = null;
    try {
      return await askDesktop(channel, parameters);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      problem.value = error;
      return null;
    } finally {
      busy.value = false;
      await refresh();
    }
  }

  /** Another Controller: everything that the page knows is of the former one. */
  async function choose(id: string | null): Promise<void> {
    const done = id === null ? await ask('leave-connection', {}) : await ask('activate-connection', { id });
    if (done !== null) location.reload();
  }

  async function start(): Promise<void> {
    if (!isDesktop()) return;
    window.mcosDesktop?.onChanged(() => void refresh());
    await refresh();
  }

  return { connections, controller, trial, problem, busy, active, start, refresh, ask, choose };
});
