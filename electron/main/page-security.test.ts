import { EventEmitter } from 'node:events';
import type { App, Session } from 'electron';
import { describe, expect, it } from 'vitest';
import { FakeContents, recordingElectron } from '../../tests/desktop/support/recording-electron.ts';
import { isOwnPage } from './page-origin.ts';
import { confinePages, denyPermissions, isOpenable, pagePreferences } from './page-security.ts';

describe('the page', () => {
  it('has nothing of Node, its own world, a sandbox and the rules of the web', () => {
    expect(pagePreferences).toMatchObject({
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
    });
  });

  it('gets no permission and no device', () => {
    const { electron, recording } = recordingElectron({ userData: '' });
    denyPermissions(electron.session.defaultSession as Session);
    const answers: boolean[] = [];
    for (const permission of ['geolocation', 'media', 'notifications', 'openExternal', 'clipboard-read'])
      recording.permissions.request?.(null, permission, (allowed) => answers.push(allowed));
    expect(answers).toEqual([false, false, false, false, false]);
    expect(recording.permissions.check?.()).toBe(false);
    expect(recording.permissions.device?.()).toBe(false);
  });
});

describe('a page that wants to leave', () => {
  const opened: string[] = [];
  const app = new EventEmitter();
  confinePages(app as unknown as App, (address) => opened.push(address));
  const contents = new FakeContents();
  app.emit('web-contents-created', {}, contents);

  const isStopped = (name: string, address: string): boolean => {
    let stopped = false;
    contents.emit(name, { url: address, preventDefault: () => (stopped = true) }, address);
    return stopped;
  };

  it.each(['will-navigate', 'will-redirect', 'will-frame-navigate'])('is held at %s', (name) => {
    for (const address of [
      'https://example.org/',
      'http://127.0.0.1:7401/',
      'file:///etc/passwd',
      'app://other/index.html',
      'javascript:alert(1)',
      'app://mcos@evil/',
    ])
      expect(isStopped(name, address)).toBe(true);
    expect(isStopped(name, 'app://mcos/index.html#/rings')).toBe(false);
  });

  it('opens no window; the link goes to whoever decides about links', () => {
    expect(contents.openHandler?.({ url: 'https://example.org/' })).toEqual({ action: 'deny' });
    expect(opened).toEqual(['https://example.org/']);
  });

  it('attaches no webview', () => {
    expect(isStopped('will-attach-webview', 'https://example.org/')).toBe(true);
  });
});

describe('links for the browser of the system', () => {
  it('are https, to a host, with nothing hidden in them', () => {
    expect(isOpenable('https://example.org/releases')).toBe(true);
    for (const address of [
      'http://example.org/',
      'file:///etc/passwd',
      'smb://host/share',
      'https://user:secret@example.org/',
      'javascript:alert(1)',
      'mcos://connect',
      '',
    ])
      expect(isOpenable(address)).toBe(false);
  });
});

it('our own page is app://mcos and no other', () => {
  expect(isOwnPage('app://mcos/index.html')).toBe(true);
  for (const address of [
    'app://mcos.evil/',
    'app://evil/mcos',
    'https://mcos/',
    'app://mcos:80@evil/',
    'app://user@mcos/',
    'app://:secret@mcos/',
    'appx://mcos/',
    'null',
    '',
  ])
    expect(isOwnPage(address)).toBe(false);
});
