import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { unwrap } from '../../backend/base/outcome.ts';
import { checkRemote, openConnections, type Connections } from './connections.ts';

const caDigest = 'A'.repeat(43);

describe('the connections of the app', () => {
  let directory: string;
  let path: string;
  let connections: Connections;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'mcos-connections-'));
    path = join(directory, 'connections.json');
    connections = await openConnections(path);
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  it('are there again after a start, in a file for their owner alone', async () => {
    const first = unwrap(await connections.addRemote({ name: 'Hanoi', url: 'controller.example:7401', caDigest }));
    await connections.addLocal('This computer');
    unwrap(await connections.activate(first.id));
    const again = await openConnections(path);
    expect(again.list.map(({ name, kind }) => [name, kind])).toEqual([
      ['This computer', 'local'],
      ['Hanoi', 'remote'],
    ]);
    expect(again.active).toMatchObject({ url: 'https://controller.example:7401' });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('have one on this computer at most', async () => {
    const first = await connections.addLocal('This computer');
    expect(await connections.addLocal('Again')).toEqual(first);
  });

  it('are active no more when they are removed', async () => {
    const { id } = unwrap(await connections.addRemote({ name: 'a', url: 'https://a:7401', caDigest: null }));
    unwrap(await connections.activate(id));
    unwrap(await connections.remove(id));
    expect(connections.active).toBeNull();
    expect(await connections.activate(id)).toMatchObject({ ok: false, failure: { code: 'NotFound' } });
  });

  it('go to another computer and come back, without what is there already', async () => {
    unwrap(await connections.addRemote({ name: 'a', url: 'https://a:7401', caDigest }));
    await connections.addLocal('This computer');
    const text = connections.exported();
    expect(text).not.toContain('This computer');
    const elsewhere = await openConnections(join(directory, 'elsewhere.json'));
    expect(await elsewhere.importFrom(text)).toEqual({ ok: true, value: 1 });
    expect(await elsewhere.importFrom(text)).toEqual({ ok: true, value: 0 });
    expect(elsewhere.list).toMatchObject([{ name: 'a', url: 'https://a:7401', caDigest }]);
  });

  it.each([
    '',
    'nothing',
    '{"format":"mcos-connections-9","connections":[]}',
    '{"format":"mcos-connections-1","connections":[{"name":"x","url":"ftp://x","caDigest":null}]}',
  ])('take nothing from %j', async (text) => {
    expect(await connections.importFrom(text)).toMatchObject({ ok: false, failure: { code: 'InvalidArgument' } });
    expect(connections.list).toEqual([]);
  });

  it.each([
    ['{"format":2,"value":{}}', 'another release'],
    ['{"format":1,"value":{"active":5}}', 'does not hold'],
    ['{', 'damaged'],
  ])('refuse a file %s: %s', async (text, reason) => {
    await writeFile(path, text);
    await expect(openConnections(path)).rejects.toThrow(reason);
    expect(await readFile(path, 'utf8')).toBe(text);
  });
});

describe('the address of a Controller', () => {
  it('is taken as one types it', () => {
    expect(unwrap(checkRemote({ name: '', url: ' controller.example:7401 ', caDigest: ` sha256:${caDigest}` }))).toEqual({
      name: 'controller.example:7401',
      url: 'https://controller.example:7401',
      caDigest,
    });
    expect(unwrap(checkRemote({ name: 'x', url: 'http://127.0.0.1:7401/', caDigest: '' }))).toMatchObject({
      url: 'http://127.0.0.1:7401',
      caDigest: null,
    });
  });

  it.each([
    'http://controller.example:7401',
    'ftp://x',
    'https://user:secret@x',
    'https://x/path',
    'https://x?a=b',
    '',
    'https://',
    'javascript:alert(1)',
  ])('is not %j', (url) => {
    expect(checkRemote({ name: 'x', url, caDigest: null })).toMatchObject({ ok: false, failure: { code: 'InvalidArgument' } });
  });

  it('has a digest of the right form, or none', () => {
    expect(checkRemote({ name: 'x', url: 'https://x', caDigest: 'abc' })).toMatchObject({ ok: false });
    expect(unwrap(checkRemote({ name: 'x', url: 'https://x', caDigest: '00'.repeat(32) })).caDigest).toBe(caDigest);
  });
});
