import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi as spies } from 'vitest';
import { createI18n } from 'vue-i18n';
import type { Texts } from '../../shared/texts.ts';
import { en } from './en.ts';
import { vi } from './vi.ts';

function keysOf(texts: Texts, prefix = ''): string[] {
  return Object.entries(texts).flatMap(([key, value]) =>
    typeof value === 'string' ? [`${prefix}${key}`] : keysOf(value, `${prefix}${key}.`),
  );
}
const textAt = (texts: Texts, key: string): string => {
  const found = key.split('.').reduce<string | Texts | undefined>((at, part) => (typeof at === 'object' ? at[part] : undefined), texts);
  return typeof found === 'string' ? found : '';
};
/** English comes from the Controller or is the same words as the code. */
const vietnameseOnly = /^(sentences|errors)\./;

function sources(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.(vue|ts)$/.test(entry.name) && !/\.test\.ts$/.test(entry.name))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
}

describe('texts of the console', () => {
  const english = keysOf(en);
  const vietnamese = keysOf(vi);

  it('are the same in both languages', () => {
    expect(english.filter((key) => !vietnamese.includes(key))).toEqual([]);
    expect(vietnamese.filter((key) => !english.includes(key) && !vietnameseOnly.test(key))).toEqual([]);
  });

  it.each(Object.entries({ en, vi }))('are read by the library without a complaint: %s', (locale, texts) => {
    // A sign that means something to it, such as @ or |, ends in an error on the page otherwise.
    const complaint = spies.spyOn(console, 'error').mockImplementation(() => undefined);
    try {
      const i18n = createI18n({ legacy: false, locale, messages: { [locale]: texts as Record<string, never> }, missingWarn: false });
      for (const key of keysOf(texts)) i18n.global.t(key);
      expect(complaint.mock.calls).toEqual([]);
    } finally {
      complaint.mockRestore();
    }
  });

  it('name the same values in both languages', () => {
    const values = (text: string): string[] => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort();
    // `n` decides between singular and plural, which Vietnamese does not have.
    const named = (text: string): string[] => values(text).filter((value) => value !== '{n}');
    expect(english.filter((key) => named(textAt(en, key)).join() !== named(textAt(vi, key)).join())).toEqual([]);
  });

  it('are there for every key that a component names, and none is left over', () => {
    const code = [join(import.meta.dirname, '..'), join(import.meta.dirname, '../../shared')].flatMap(sources).join('\n');
    const written = [...code.matchAll(/\bt\(\s*'([\w.-]+)'/g)].map((match) => match[1] ?? '');
    expect([...new Set(written)].filter((key) => !english.includes(key))).toEqual([]);
    const patterns = [...code.matchAll(/\bt\(\s*`([^`]+)`/g)].map(
      (match) => new RegExp(`^${(match[1] ?? '').replace(/\./g, '\\.').replace(/\$\{[^}]+\}+/g, '[\\w.-]+')}$`),
    );
    const used = (key: string): boolean => written.includes(key) || patterns.some((pattern) => pattern.test(key));
    expect(english.filter((key) => !used(key) && !vietnameseOnly.test(key))).toEqual([]);
  });
});
