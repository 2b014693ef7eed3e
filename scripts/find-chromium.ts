import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** The browser for the page tests: MCOS_CHROMIUM, or the first known name on PATH; null when there is none. */
export function findChromium(): string | null {
  const given = process.env.MCOS_CHROMIUM;
  if (given !== undefined && given !== '') return existsSync(given) ? given : null;
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    for (const name of names) {
      const path = join(folder, name);
      if (folder !== '' && existsSync(path)) return path;
    }
  }
  return null;
}
