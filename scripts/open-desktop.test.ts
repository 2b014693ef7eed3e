import { describe, expect, it } from 'vitest';
import { openDesktop, type DesktopParts } from './open-desktop.ts';

/** What was done, in order. */
function parts(more: Partial<DesktopParts>): { done: string[]; parts: DesktopParts } {
  const done: string[] = [];
  return {
    done,
    parts: {
      environment: { DISPLAY: ':0' },
      platform: 'linux',
      isRoot: false,
      find: () => '/electron',
      install: async () => (done.push('install'), 0),
      build: async () => (done.push('build'), 0),
      run: async (binary, environment) => (done.push(`run ${binary} ${environment.MCOS_PORT}`), 7),
      ...more,
    },
  };
}

describe('npm start', () => {
  it('opens the app and ends as it ends', async () => {
    const { done, parts: all } = parts({});
    expect(await openDesktop({ port: 7400 }, all)).toEqual({ opened: true, exitCode: 7 });
    expect(done).toEqual(['build', 'run /electron 7400']);
  });

  it('fetches Electron first where it is missing', async () => {
    let there = false;
    const { done, parts: all } = parts({ find: () => (there ? '/fetched' : null), install: async () => ((there = true), 0) });
    expect(await openDesktop({ port: 0 }, all)).toMatchObject({ opened: true });
    expect(done).toEqual(['build', 'run /fetched 0']);
  });

  it.each<[string, Partial<DesktopParts>, string]>([
    ['without a display', { environment: {} }, 'no display'],
    ['as root', { isRoot: true }, 'root'],
    [
      'told not to fetch',
      { find: () => null, environment: { DISPLAY: ':0', MCOS_NO_ELECTRON_DOWNLOAD: '1' } },
      'MCOS_NO_ELECTRON_DOWNLOAD=1',
    ],
    ['when the fetch fails', { find: () => null, install: async () => 1 }, 'could not be fetched'],
    ['when the fetch takes too long', { find: () => null, install: async () => null }, 'within 5 minutes'],
    ['when the build fails', { build: async () => 1 }, 'could not be built'],
  ])('says why it does not, %s', async (_when, more, reason) => {
    const { done, parts: all } = parts(more);
    expect(await openDesktop({ port: 0 }, all)).toEqual({ opened: false, reason: expect.stringContaining(reason) });
    expect(done.filter((step) => step.startsWith('run'))).toEqual([]);
  });
});
