import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../../../base/bytes.ts';
import { childText, children, decodeReferences, readXml } from './read-xml.ts';
import { element, escapeXml, xmlDocument } from './write-xml.ts';

function read(text: string) {
  return readXml(utf8(text), 'Delete');
}

describe('request bodies', () => {
  it('keep text as it is: numbers, white space and numeric references', () => {
    const root = read(
      '<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Object><Key>007</Key></Object><Object><Key> a&#34;&#x1F600;&amp;#34; </Key></Object></Delete>',
    );
    expect(root.ok && children(root.value, 'Object').map((object) => childText(object, 'Key'))).toEqual(['007', ' a"\u{1f600}&#34; ']);
  });

  it('may hold far more references than any parser limit', () => {
    const parts = Array.from({ length: 10_000 }, (_, index) => `<Object><Key>&#34;${index}&#34;</Key></Object>`);
    const root = read(`<Delete>${parts.join('')}</Delete>`);
    expect(root.ok && childText(children(root.value, 'Object')[9999] ?? {}, 'Key')).toBe('"9999"');
  });

  it.each([
    ['a DOCTYPE', '<!DOCTYPE Delete [<!ENTITY a "b">]><Delete><Object><Key>&a;</Key></Object></Delete>'],
    ['another root', '<Remove></Remove>'],
    ['an open element', '<Delete><Object>'],
    ['nothing', ''],
    ['no XML', 'key=value'],
  ])('with %s are refused', (_what, text) => {
    const root = read(text);
    expect(!root.ok && root.failure.code).toBe('MalformedXML');
  });

  it('with unknown references have no text', () => {
    for (const text of ['&nbsp;', 'a & b', '&#0;', '&#xD800;', '&#x110000;']) expect(decodeReferences(text)).toBeUndefined();
  });

  it('give back every text that was escaped for an answer', () => {
    const noSurrogates = fc.string({ unit: 'binary', maxLength: 50 }).filter((text) => text.isWellFormed() && !text.includes('\0'));
    fc.assert(
      fc.property(noSurrogates, (text) => {
        expect(decodeReferences(escapeXml(text))).toBe(text);
      }),
    );
  });
});

describe('answers', () => {
  it('escape markup and control characters', () => {
    expect(escapeXml('plain/key')).toBe('plain/key');
    expect(element('Key', '<b>&"\u0001\n\ufffe')).toBe('<Key>&lt;b&gt;&amp;&quot;&#x1;&#xA;&#xFFFE;</Key>');
    expect(element('Size', undefined)).toBe('');
    expect(xmlDocument('R', element('N', 5))).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>\n<R xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><N>5</N></R>',
    );
  });
});
