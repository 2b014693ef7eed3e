import type { IpcMain } from 'electron';
import { beforeEach, describe, expect, it } from 'vitest';
import { FailureError, success, type Outcome } from '../../backend/base/outcome.ts';
import { desktopChannels } from '../../backend/contracts/desktop-channels.ts';
import { failure } from '../../backend/contracts/errors.ts';
import { registerIpc, type DesktopHandlers } from './ipc.ts';

type Handler = (event: unknown, parameters: unknown) => Promise<Outcome<unknown>>;
const ours = { senderFrame: { url: 'app://mcos/index.html#/settings', parent: null } };

describe('the channels between page and main', () => {
  let handlers: Map<string, Handler>;
  let called: unknown[];
  let logged: string[];

  beforeEach(() => {
    handlers = new Map();
    called = [];
    logged = [];
    const done = (parameters: unknown): Promise<Outcome<unknown>> => {
      called.push(parameters);
      return Promise.resolve(success('done'));
    };
    const all = Object.fromEntries(desktopChannels.map((channel) => [channel, done])) as unknown as DesktopHandlers;
    const failing = {
      ...all,
      'read-log': () => Promise.reject(new FailureError(failure('StorageFailed', 'The disk failed.'))),
      info: () => Promise.reject(new Error('secret path /home/x')),
    };
    const ipcMain = { handle: (channel: string, handler: Handler) => handlers.set(channel, handler) };
    registerIpc(ipcMain as unknown as IpcMain, failing, (message) => logged.push(message));
  });

  const call = (channel: string, event: unknown, parameters: unknown): Promise<Outcome<unknown>> => {
    const handler = handlers.get(`mcos:${channel}`);
    if (handler === undefined) throw new Error(`no handler registered for mcos:${channel}`);
    return handler(event, parameters);
  };

  it('are those of the contract, and there is no other', () => {
    expect([...handlers.keys()]).toEqual(desktopChannels.map((channel) => `mcos:${channel}`));
    expect(() => call('delete-everything', ours, {})).toThrow('no handler');
  });

  it.each([
    ['another origin', { senderFrame: { url: 'https://example.org/', parent: null } }],
    ['another host of the scheme', { senderFrame: { url: 'app://other/index.html', parent: null } }],
    ['a frame inside the page', { senderFrame: { url: 'app://mcos/index.html', parent: {} } }],
    ['a frame that is gone', { senderFrame: null }],
  ])('refuse %s', async (_who, event) => {
    expect(await call('connections', event, {})).toMatchObject({ ok: false, failure: { code: 'AccessDenied' } });
    expect(called).toEqual([]);
    expect(logged[0]).toContain('refused');
  });

  it.each([
    ['add-connection', {}],
    ['add-connection', { name: 'x', url: 5, caDigest: null }],
    ['add-connection', { name: 'x', url: 'https://a', caDigest: null, more: true }],
    ['remove-connection', { id: '../../x' }],
    ['add-local-connection', { password: '', remember: true }],
    ['change-settings', { updateFeed: 'http://example.org' }],
    ['change-settings', { unknown: true }],
    ['connections', null],
    ['connections', 'text'],
  ])('refuse %s with %j', async (channel, parameters) => {
    const answer = await call(channel, ours, parameters);
    expect(answer).toMatchObject({ ok: false, failure: { code: 'InvalidArgument' } });
    expect(called).toEqual([]);
  });

  it('pass on what is right', async () => {
    expect(await call('remove-connection', ours, { id: 'abc123' })).toEqual({ ok: true, value: 'done' });
    expect(called).toEqual([{ id: 'abc123' }]);
  });

  it('let errors cross as values, and defects without their particulars', async () => {
    expect(await call('read-log', ours, {})).toEqual({ ok: false, failure: { code: 'StorageFailed', message: 'The disk failed.' } });
    const defect = await call('info', ours, {});
    expect(defect).toMatchObject({ ok: false, failure: { code: 'InternalError' } });
    expect(JSON.stringify(defect)).not.toContain('/home/x');
    expect(logged[0]).toContain('secret path /home/x');
  });
});
