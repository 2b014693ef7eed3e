import { describe, expect, it, vi } from 'vitest';
import type { DesktopBridge } from '../../backend/contracts/desktop-ipc.ts';
import { desktopChannels } from '../../backend/contracts/desktop-channels.ts';

/** What the bridge did. Electron's own part has to be stood in for: it is there only in a sandboxed page. */
const seen = vi.hoisted(() => ({ exposed: new Map<string, unknown>(), invoked: [] as unknown[], listeners: [] as (() => void)[] }));
vi.mock('electron', () => ({
  contextBridge: { exposeInMainWorld: (name: string, value: unknown) => seen.exposed.set(name, value) },
  ipcRenderer: {
    invoke: (...words: unknown[]) => Promise.resolve(seen.invoked.push(words)),
    on: (_signal: string, listener: () => void) => seen.listeners.push(listener),
    off: (_signal: string, listener: () => void) => seen.listeners.splice(seen.listeners.indexOf(listener), 1),
  },
}));
await import('./index.ts');
const bridge = seen.exposed.get('mcosDesktop') as DesktopBridge & { call(channel: unknown, parameters: unknown): Promise<unknown> };

describe('the bridge between page and main', () => {
  it('is the one thing that the page gets, with two functions', () => {
    expect([...seen.exposed.keys()]).toEqual(['mcosDesktop']);
    expect(Object.keys(bridge)).toEqual(['call', 'onChanged']);
  });

  it('passes on the channels of the contract', async () => {
    for (const channel of desktopChannels) await bridge.call(channel, {});
    expect(seen.invoked).toEqual(desktopChannels.map((channel) => [`mcos:${channel}`, {}]));
  });

  it.each(['no-such', 'mcos:info', 'constructor', '__proto__', '', null, { toString: () => 'info' }])('refuses %j', async (channel) => {
    seen.invoked.length = 0;
    await expect(bridge.call(channel, {})).rejects.toThrow('there is no channel');
    expect(seen.invoked).toEqual([]);
  });

  it('tells changes without handing the event over, until nobody listens any more', () => {
    const heard: unknown[][] = [];
    const end = bridge.onChanged((...words: unknown[]) => void heard.push(words));
    (seen.listeners[0] as (event: unknown) => void)({ sender: 'secret' });
    expect(heard).toEqual([[]]);
    end();
    expect(seen.listeners).toEqual([]);
  });
});
