import type { DesktopChannel } from '../../../backend/contracts/desktop-channels.ts';
import type { DesktopBridge, DesktopOutcome, DesktopParameters, DesktopResult } from '../../../backend/contracts/desktop-ipc.ts';
import { ApiError } from '../../shared/api-client.ts';

declare global {
  interface Window {
    /** There in the desktop app only. */
    readonly mcosDesktop?: DesktopBridge;
  }
}

export const isDesktop = (): boolean => window.mcosDesktop !== undefined;

/** Asks the app; a failure is thrown as the error that the page shows everywhere. */
export async function askDesktop<C extends DesktopChannel>(channel: C, parameters: DesktopParameters<C>): Promise<DesktopResult<C>> {
  if (window.mcosDesktop === undefined) throw new Error('this page is not in the desktop app');
  const outcome: DesktopOutcome<C> = await window.mcosDesktop.call(channel, parameters);
  if (outcome.ok) return outcome.value;
  throw new ApiError(outcome.failure.code, outcome.failure.message, 0, outcome.failure);
}
