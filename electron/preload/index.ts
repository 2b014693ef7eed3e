import { contextBridge, ipcRenderer } from 'electron';
import type { DesktopBridge } from '../../backend/contracts/desktop-ipc.ts';
import { changedSignal, channelName, desktopChannels, type DesktopChannel } from '../../backend/contracts/desktop-channels.ts';

/**
 * The only bridge between page and main process: the channels of the contract, and no other. The page can name
 * none by itself, because the map below is made from the list, and main validates again.
 */
const known = new Map<string, string>(desktopChannels.map((channel) => [channel, channelName(channel)]));

const bridge: DesktopBridge = {
  call: (channel: DesktopChannel, parameters: unknown) => {
    const name = known.get(channel);
    if (name === undefined) return Promise.reject(new TypeError(`there is no channel ${String(channel).slice(0, 50)}`));
    return ipcRenderer.invoke(name, parameters);
  },
  onChanged: (listener) => {
    const hear = (): void => listener();
    ipcRenderer.on(changedSignal, hear);
    return () => ipcRenderer.off(changedSignal, hear);
  },
};

contextBridge.exposeInMainWorld('mcosDesktop', bridge);
