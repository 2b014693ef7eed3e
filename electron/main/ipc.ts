import type { IpcMain, IpcMainInvokeEvent } from 'electron';
import { Compile, type Validator } from 'typebox/compile';
import { FailureError, failed, success, type Outcome } from '../../backend/base/outcome.ts';
import { channelName, desktopChannels, type DesktopChannel } from '../../backend/contracts/desktop-channels.ts';
import { desktopIpc, type DesktopParameters, type DesktopResult } from '../../backend/contracts/desktop-ipc.ts';
import { failure, spokenFailure } from '../../backend/contracts/errors.ts';
import { desktopRefusalSentence } from '../../backend/contracts/desktop-refusal-texts.ts';
import { isOwnPage } from './page-origin.ts';

/** What main does for each channel. */
export type DesktopHandlers = {
  readonly [C in DesktopChannel]: (parameters: DesktopParameters<C>) => Promise<Outcome<DesktopResult<C>>>;
};

/**
 * Registers every channel of the contract. A call is taken only from the main frame of our own page, with parameters
 * of the contract's form; what comes back is an Outcome always, so that no error crosses as an exception.
 */
export function registerIpc(ipcMain: IpcMain, handlers: DesktopHandlers, log: (message: string) => void): void {
  for (const channel of desktopChannels) {
    const check = Compile(desktopIpc[channel].parameters);
    const handle = handlers[channel] as (parameters: unknown) => Promise<Outcome<unknown>>;
    ipcMain.handle(channelName(channel), (event, parameters: unknown) => answer(event, channel, check, parameters, handle, log));
  }
}

async function answer(
  event: IpcMainInvokeEvent,
  channel: DesktopChannel,
  check: Validator,
  parameters: unknown,
  handle: (parameters: unknown) => Promise<Outcome<unknown>>,
  log: (message: string) => void,
): Promise<Outcome<unknown>> {
  const { senderFrame } = event;
  if (senderFrame === null || senderFrame.parent !== null || !isOwnPage(senderFrame.url)) {
    log(`a call of ${channel} from ${senderFrame === null ? 'a frame that is gone' : senderFrame.url.slice(0, 200)} was refused`);
    return failed(failure('AccessDenied', 'Only the page of this app may ask that.'));
  }
  if (!check.Check(parameters)) {
    const [first] = check.Errors(parameters);
    const where = first === undefined || first.instancePath === '' ? 'the parameters' : first.instancePath.slice(1);
    return failed(failure('InvalidArgument', `${where}: ${first?.message ?? 'not of the form that this call takes'}.`));
  }
  try {
    return await handle(parameters);
  } catch (error) {
    if (error instanceof FailureError) return failed(error.failure);
    log(`${channel} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    return failed(spokenFailure('InternalError', desktopRefusalSentence('defect', {})));
  }
}

/** For handlers that have nothing that can fail. */
export function always<T>(value: T): Promise<Outcome<T>> {
  return Promise.resolve(success(value));
}
