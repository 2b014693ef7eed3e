import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiProxy } from './api-proxy.ts';
import { appHandler } from './app-protocol.ts';
import { fileWithin } from './page-files.ts';

describe('app://', () => {
  let outside: string;
  let pages: string;
  let handle: (request: Request) => Promise<Response>;
  const ask = (url: string, method = 'GET'): Promise<Response> => handle({ url, method } as Request);

  beforeAll(async () => {
    outside = await mkdtemp(join(tmpdir(), 'mcos-pages-'));
    pages = join(outside, 'pages');
    await mkdir(join(pages, 'assets'), { recursive: true });
    await writeFile(join(outside, 'secret.txt'), 'secret');
    await writeFile(join(pages, 'index.html'), '<p>page</p>');
    await writeFile(join(pages, 'assets', 'index-A1_b.js'), 'export {};');
    handle = appHandler({ pagesDirectory: pages, proxy: createApiProxy() });
  });
  afterAll(() => rm(outside, { recursive: true, force: true }));

  it('serves the page and its files with their types and the policy', async () => {
    const page = await ask('app://mcos/');
    expect(await page.text()).toBe('<p>page</p>');
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const policy = page.headers.get('content-security-policy') ?? '';
    for (const rule of ["default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'", "object-src 'none'"])
      expect(policy).toContain(rule);
    expect(policy).not.toMatch(/unsafe-eval|\*|https?:/);
    expect((await ask('app://mcos/assets/index-A1_b.js?v=1')).headers.get('content-type')).toBe('text/javascript; charset=utf-8');
  });

  it.each([
    'app://mcos/../secret.txt',
    'app://../../etc/passwd',
    'app://mcos/../../etc/passwd',
    'app://mcos/%2e%2e/secret.txt',
    'app://mcos/..%2fsecret.txt',
    'app://mcos/assets/..%5c..%5csecret.txt',
    'app://mcos//etc/passwd',
    'app://mcos/assets/../../secret.txt',
    'app://mcos/%00',
    'app://mcos/%',
    'app://mcos/.built',
    'app://mcos/assets',
    'app://mcos/missing.js',
    'app://other/index.html',
    'app://mcos@other/index.html',
  ])('%s is not there', async (address) => {
    const answer = await ask(address);
    expect(answer.status).toBe(404);
    expect(await answer.text()).not.toContain('secret');
  });

  it('is only read', async () => {
    expect((await ask('app://mcos/index.html', 'POST')).status).toBe(405);
  });

  it('names nothing outside of its folder, whatever is asked', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('.', '/', '\\', '%', '2', 'e', 'f', 'a', '\0') }), (path) => {
        const found = fileWithin('/pages', `/${path}`);
        expect(found === null || (found.startsWith('/pages/') && !found.split('/').includes('..'))).toBe(true);
      }),
    );
  });
});
