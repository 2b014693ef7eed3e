import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DocumentStore } from '../../../backend/base/document-store.ts';
import type { StoreUnderTest } from './register-store-contract.ts';

/** What every `DocumentStore` must do; run by the real store and by the simulator's. */
export function documentStoreContract(name: string, create: () => Promise<StoreUnderTest<DocumentStore>>): void {
  describe(`${name} as a DocumentStore`, () => {
    let subject: StoreUnderTest<DocumentStore>;
    let store: DocumentStore;
    const put = (key: string, document: unknown, collection = 'things'): void => store.commit([{ kind: 'put', collection, key, document }]);
    const keys = (options?: Parameters<DocumentStore['list']>[1]): string[] => store.list('things', options).map((entry) => entry.key);
    beforeEach(async () => {
      subject = await create();
      store = await subject.open();
    });
    afterEach(async () => {
      store.close();
      await subject.dispose();
    });

    it('gives back what was put, replaced or deleted, per collection', () => {
      put('a', { text: 'ünïcödé \u{1f600}', list: [1, null, { deep: true }] });
      put('a', 'other', 'others');
      expect(store.get('things', 'a')).toEqual({ text: 'ünïcödé \u{1f600}', list: [1, null, { deep: true }] });
      expect(store.get('others', 'a')).toBe('other');
      put('a', 2);
      expect(store.get('things', 'a')).toBe(2);
      store.commit([{ kind: 'delete', collection: 'things', key: 'a' }]);
      expect(store.get('things', 'a')).toBeUndefined();
      expect([store.count('things'), store.count('others'), store.count('none')]).toEqual([0, 1, 0]);
    });

    it('does not share memory with its callers', () => {
      const document = { list: [1] };
      put('a', document);
      document.list.push(2);
      store.get<{ list: number[] }>('things', 'a')?.list.push(3);
      expect(store.get('things', 'a')).toEqual({ list: [1] });
    });

    it('lists in the order of UTF-8 bytes, both bounds excluded, in both directions', () => {
      const names = ['a', 'a/', 'b', 'c', '\u{ff21}', '\u{1f600}'];
      for (const key of [...names].reverse()) put(key, key);
      expect(keys()).toEqual(names);
      expect(keys({ after: 'a' })).toEqual(names.slice(1));
      expect(keys({ after: 'a', before: 'c' })).toEqual(['a/', 'b']);
      expect(keys({ limit: 2 })).toEqual(['a', 'a/']);
      expect(keys({ descending: true, limit: 2 })).toEqual(['\u{1f600}', '\u{ff21}']);
      expect(keys({ descending: true, before: 'c', limit: 2 })).toEqual(['b', 'a/']);
      expect(keys({ descending: true, after: 'b', before: '\u{ff21}' })).toEqual(['c']);
    });

    it('commits all changes or none', () => {
      put('a', 1);
      const circular: Record<string, unknown> = {};
      circular['self'] = circular;
      expect(() =>
        store.commit([
          { kind: 'delete', collection: 'things', key: 'a' },
          { kind: 'put', collection: 'things', key: 'b', document: circular },
        ]),
      ).toThrow();
      expect(keys()).toEqual(['a']);
      put('c', 1);
      expect(keys()).toEqual(['a', 'c']);
    });

    it('still has everything after it was closed and opened again', async () => {
      put('a', { kept: true });
      store.close();
      store = await subject.open();
      expect(store.get('things', 'a')).toEqual({ kept: true });
    });
  });
}
