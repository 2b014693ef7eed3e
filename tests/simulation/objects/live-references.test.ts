import { describe, expect, it } from 'vitest';
import { utf8 } from '../../../backend/base/bytes.ts';
import { bucketKeyPrefix } from '../../../backend/cloud-service/names/name-keys.ts';
import { registerKeyText } from '../../../backend/register/key-text.ts';
import { absentRecord, nextValue } from '../../../backend/register/record.ts';
import type { RegisterKey } from '../../../backend/register/register-store.ts';
import { createSimulatedDisk } from '../simulated-register-store.ts';
import { LiveReferences } from './live-references.ts';
import { createBlobDisk } from './simulated-blobs.ts';

const bucketId = 'b'.repeat(32);
const uploadId = '5'.repeat(32);
const blob = '1'.repeat(32);
const ids = ['a', 'b', 'c'];

/** Three replicas of everything; `put` lets some of them accept a record. */
function world() {
  const nodes = ids.map((id) => ({ id, disk: createSimulatedDisk() }));
  const disks = new Map(ids.map((id) => [id, createBlobDisk()]));
  const violations: string[] = [];
  const takenPlace = new Set<string>();
  const references = new LiveReferences({
    nodes,
    rings: { groupOf: () => ids },
    disks,
    hasTakenPlace: (operationId) => takenPlace.has(operationId),
    violated: (text) => violations.push(text),
  });
  const put = (
    kind: 'object' | 'upload' | 'part',
    rest: string,
    counter: number,
    record: unknown,
    holders: readonly string[] = ids,
  ): void => {
    const key: RegisterKey = { ring: 'object', hash: 1, key: Uint8Array.from([...bucketKeyPrefix(bucketId, kind), ...utf8(rest)]) };
    const value = nextValue(absentRecord, counter.toString(16).padStart(32, '0'), {
      state: record === null ? null : utf8(JSON.stringify(record)),
      inline: null,
      result: new Uint8Array(),
      atMs: 1,
    });
    for (const { id, disk } of nodes)
      if (holders.includes(id)) disk.rows.set(registerKeyText(key), { key, accepted: { epoch: 1, counter, nodeId: 'a', boot: 1 }, value });
  };
  const holds = (nodeId: string): void => void disks.get(nodeId)?.blobs.set(blob, { bytes: utf8('x'), owner: '', writtenAtMs: 0 });
  return { references, put, holds, disks, violations, takenPlace };
}

const named = (...nodes: string[]): unknown => ({ content: { kind: 'blobs', blobs: [{ id: blob, size: 1, nodes }] } });

describe('invariant 11 for bytes that go', () => {
  it('is broken by a blob that goes while a decided record names it there', () => {
    const { references, put, violations } = world();
    put('object', 'key', 1, named('a', 'b'));
    references.mustNotBeLive('c', blob);
    expect(violations).toEqual([]);
    references.mustNotBeLive('a', blob);
    expect(violations).toHaveLength(1);
  });

  it('is broken as long as a value that one replica has accepted may still come to life', () => {
    const { references, put, violations } = world();
    put('object', 'key', 2, named('a'), ['c']);
    references.mustNotBeLive('a', blob);
    expect(violations).toHaveLength(1);
    put('object', 'key', 3, null, ['a', 'b']);
    references.mustNotBeLive('a', blob);
    expect(violations).toHaveLength(1);
  });

  it('counts the parts of an upload that is open, and the content of one that is being completed', () => {
    const { references, put, violations, takenPlace } = world();
    put('part', `${uploadId}\0${'1'.padStart(5, '0')}`, 1, { blob: { id: blob, size: 1, nodes: ['a'] } });
    references.mustNotBeLive('a', blob);
    expect(violations).toEqual([]);
    put('upload', `key\0${uploadId}`, 1, { uploadId, state: 'open' });
    references.mustNotBeLive('a', blob);
    expect(violations).toHaveLength(1);
    put('upload', `key\0${uploadId}`, 2, { uploadId, state: 'completing', completion: named('a') });
    references.mustNotBeLive('a', blob);
    expect(violations).toHaveLength(2);
    takenPlace.add(uploadId);
    references.mustNotBeLive('a', blob);
    expect(violations).toHaveLength(2);
    expect(violations[0]).toContain(blob);
  });

  it('does not count what lies in a bucket that is gone', () => {
    const { references, put, violations } = world();
    put('object', 'key', 1, { ...(named('a') as object), bucket: 'photos' });
    references.mustNotBeLive('a', blob);
    expect(violations).toEqual([]);
  });

  it('tells named copies that are missing or damaged, and copies that nothing names', () => {
    const { references, put, holds, disks } = world();
    put('object', 'key', 1, named('a', 'b'));
    holds('a');
    holds('c');
    expect(references.difference()).toEqual([`the copy b/${blob} is named but not there`, `the copy c/${blob} is there but not named`]);
    disks.get('a')?.damaged.add(blob);
    expect(references.difference()).toContain(`the copy a/${blob} is named but not there`);
    expect(references.copiesOf(blob, 'b')).toEqual([0]);
  });
});
