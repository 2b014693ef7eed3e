import { Value } from 'typebox/value';
import { DesktopSettings } from '../../backend/contracts/desktop-ipc.ts';
import { jsonFile } from './json-file.ts';

/** Everything that acts without being asked is off at first. */
export const defaultSettings: DesktopSettings = {
  autostart: false,
  tray: false,
  keepRunning: false,
  notifications: true,
  updateFeed: null,
};

export interface SettingsStore {
  readonly current: DesktopSettings;
  change(part: Partial<DesktopSettings>): Promise<DesktopSettings>;
}

export async function openSettings(path: string): Promise<SettingsStore> {
  const file = jsonFile<DesktopSettings>(path, 1, defaultSettings, (value) => {
    const whole = { ...defaultSettings, ...(typeof value === 'object' ? value : {}) };
    return Value.Check(DesktopSettings, whole) ? whole : null;
  });
  let current = await file.read();
  return {
    get current() {
      return current;
    },
    change: async (part) => {
      const next = { ...current, ...part };
      await file.write(next);
      current = next;
      return next;
    },
  };
}
