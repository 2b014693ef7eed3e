import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FolderRemoved, PartStored, UploadCreated } from '../../contracts/dashboard-api.ts';
import { startDashboardUnderTest, type Answer, type DashboardUnderTest } from './testing/dashboard-under-test.ts';

const codeOf = (answer: Answer): string => answer.json<{ error: { code: string } }>().error.code;
const uploads = '/api/v1/buckets/photos/uploads';
let dashboard: DashboardUnderTest;
let cookie: string;
beforeEach(async () => {
  dashboard = await startDashboardUnderTest();
  cookie = await dashboard.logIn('an', 'correct horse');
  await dashboard.call('POST', '/api/v1/buckets', { cookie, body: { name: 'photos' } });
});
afterEach(() => dashboard.stop());

const key = 'năm 2026/tết + 100% 🎉.mp4';
const query = `?key=${encodeURIComponent(key)}`;
const start = async (): Promise<string> =>
  (await dashboard.call('POST', uploads, { cookie, body: { key, contentType: 'video/mp4' } })).json<UploadCreated>().uploadId;
const sendPart = async (id: string, part: number, bytes: Uint8Array): Promise<{ partNumber: number; etag: string }> => {
  const stored = (await dashboard.call('PUT', `${uploads}/${id}${query}&part=${part}`, { cookie, raw: bytes })).json<PartStored>();
  expect(stored.size).toBe(bytes.length);
  return { partNumber: part, etag: stored.etag };
};

describe('a file in parts', () => {
  it('comes together in the order of the parts, whichever came first', async () => {
    const id = await start();
    const second = await sendPart(id, 2, Buffer.from('world'));
    const first = await sendPart(id, 1, Buffer.from('hello '));
    const done = await dashboard.call('POST', `${uploads}/${id}${query}`, { cookie, body: { size: 11, parts: [first, second] } });
    expect([done.status, done.json<{ size: number }>().size]).toEqual([200, 11]);
    expect(Buffer.from(dashboard.cloud.content.get(`photos/${key}`) ?? []).toString()).toBe('hello world');
  });

  it('stores nothing when the size is another than the browser meant', async () => {
    const id = await start();
    const part = await sendPart(id, 1, Buffer.from('hello'));
    expect((await dashboard.call('POST', `${uploads}/${id}${query}`, { cookie, body: { size: 6, parts: [part] } })).status).toBe(400);
    expect(dashboard.cloud.content.size).toBe(0);
  });

  it('can be given up, and then takes no more parts', async () => {
    const id = await start();
    await sendPart(id, 1, Buffer.from('hello'));
    expect((await dashboard.call('DELETE', `${uploads}/${id}${query}`, { cookie })).status).toBe(204);
    expect(dashboard.cloud.openUploads).toBe(0);
    expect(codeOf(await dashboard.call('PUT', `${uploads}/${id}${query}&part=2`, { cookie, raw: Buffer.from('x') }))).toBe('NoSuchUpload');
  });

  it('is closed to others and to nonsense', async () => {
    const id = await start();
    const stranger = await dashboard.logIn('binh', 'battery staple');
    for (const [method, path, body] of [
      ['POST', uploads, { key: 'a', contentType: 'a/b' }],
      ['POST', `${uploads}/${id}${query}`, { size: 0, parts: [{ partNumber: 1, etag: 'x' }] }],
      ['DELETE', `${uploads}/${id}${query}`, undefined],
    ] as const) {
      expect(codeOf(await dashboard.call(method, path, { cookie: stranger, body }))).toBe('AccessDenied');
      expect(codeOf(await dashboard.call(method, path, { body }))).toBe('NotAuthenticated');
    }
    const asStranger = await dashboard.call('PUT', `${uploads}/${id}${query}&part=1`, { cookie: stranger, raw: Buffer.from('x') });
    expect(codeOf(asStranger)).toBe('AccessDenied');
    for (const part of ['0', '-1', '1.5', 'x', '100000'])
      expect((await dashboard.call('PUT', `${uploads}/${id}${query}&part=${part}`, { cookie, raw: Buffer.from('x') })).status).toBe(400);
    expect((await dashboard.call('POST', `${uploads}/${id}${query}`, { cookie, body: { size: 1, parts: [] } })).status).toBe(400);
    expect(dashboard.cloud.content.size).toBe(0);
  });
});

describe('deleting a folder', () => {
  const put = (name: string): Promise<Answer> =>
    dashboard.call('PUT', `/api/v1/buckets/photos/objects?key=${encodeURIComponent(name)}`, { cookie, raw: Buffer.from('x') });
  const remove = (prefix: string, who = cookie): Promise<Answer> =>
    dashboard.call('DELETE', `/api/v1/buckets/photos/folders?prefix=${encodeURIComponent(prefix)}`, { cookie: who });

  it('takes what is in it, round by round, and nothing beside it', async () => {
    for (let index = 0; index < 60; index++) await put(`trip/${index}.jpg`);
    for (const name of ['trip/', 'trip/inner/deep.jpg', 'trip', 'trip.txt', 'trip2/a']) await put(name);
    expect((await remove('trip/')).json<FolderRemoved>()).toEqual({ removed: 50, more: true });
    expect((await remove('trip/')).json<FolderRemoved>()).toEqual({ removed: 12, more: false });
    expect([...dashboard.cloud.content.keys()].sort()).toEqual(['photos/trip', 'photos/trip.txt', 'photos/trip2/a']);
  });

  it('refuses a prefix that is no folder, and people it does not belong to', async () => {
    await put('trip/a');
    expect((await remove('tri')).status).toBe(400);
    expect((await remove('')).status).toBe(400);
    expect(codeOf(await remove('trip/', await dashboard.logIn('binh', 'battery staple')))).toBe('AccessDenied');
    expect(dashboard.cloud.content.size).toBe(1);
  });
});
