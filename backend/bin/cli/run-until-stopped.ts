import { flushCompileCache } from 'node:module';
import type { Service } from '../../base/lifecycle.ts';

const graceMs = 9_000;
/** Ctrl-C reaches us from the terminal and once more through npm: only a later signal means impatience. */
const sameSignalMs = 1_000;

export type StopReason =
  | { readonly kind: 'signal'; readonly signal: string }
  | { readonly kind: 'parent-gone' }
  | { readonly kind: 'ended'; readonly reason: string };

/**
 * Waits for SIGINT, SIGTERM, the end of the process that started us (when it asked for that with
 * MCOS_STOP_WITH_PARENT and an IPC channel) or for `ended`; then stops the service and releases what it stood on.
 * A second signal, or `graceMs`, ends the process the hard way: whatever is acknowledged is on disk anyway.
 */
export async function runUntilStopped(
  service: Pick<Service, 'stop'>,
  release: () => Promise<void>,
  ended?: Promise<{ reason: string }>,
): Promise<StopReason> {
  // Whoever starts next beside us finds the compiled code already; without a cache this does nothing.
  flushCompileCache();
  const reason = await waitForReason(ended);
  const stoppingSinceMs = Date.now();
  const hardEnd = setTimeout(() => process.exit(1), graceMs);
  const onSecondSignal = (): void => {
    if (Date.now() - stoppingSinceMs > sameSignalMs) process.exit(1);
  };
  process.on('SIGINT', onSecondSignal);
  process.on('SIGTERM', onSecondSignal);
  try {
    await service.stop();
    await release();
  } catch (error) {
    // A disk that has failed lets nothing be put in order: what matters is why it ended.
    if (reason.kind !== 'ended') throw error;
    return {
      kind: 'ended',
      reason: `${reason.reason} (It could not stop cleanly either: ${error instanceof Error ? error.message : String(error)})`,
    };
  } finally {
    clearTimeout(hardEnd);
    if (process.connected) process.disconnect();
  }
  return reason;
}

function waitForReason(ended: Promise<{ reason: string }> | undefined): Promise<StopReason> {
  return new Promise((resolve) => {
    const finish = (reason: StopReason): void => {
      process.off('SIGINT', onInterrupt);
      process.off('SIGTERM', onTerminate);
      process.off('disconnect', onDisconnect);
      resolve(reason);
    };
    const onInterrupt = (): void => finish({ kind: 'signal', signal: 'SIGINT' });
    const onTerminate = (): void => finish({ kind: 'signal', signal: 'SIGTERM' });
    const onDisconnect = (): void => finish({ kind: 'parent-gone' });
    process.on('SIGINT', onInterrupt);
    process.on('SIGTERM', onTerminate);
    if (process.env.MCOS_STOP_WITH_PARENT === '1') process.on('disconnect', onDisconnect);
    void ended?.then(({ reason }) => finish({ kind: 'ended', reason }));
  });
}
