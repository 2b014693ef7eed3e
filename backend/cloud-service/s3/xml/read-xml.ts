import { XMLParser } from 'fast-xml-parser';
import { strictUtf8Text } from '../../../base/bytes.ts';
import type { Outcome } from '../../../base/outcome.ts';
import { success } from '../../../base/outcome.ts';
import { s3Failed } from '../s3-errors.ts';

/** Elements that may come more than once are always arrays. */
const repeated = new Set(['Object', 'Part']);

const parser = new XMLParser({
  ignoreAttributes: true,
  parseTagValue: false,
  trimValues: false,
  removeNSPrefix: true,
  // References are decoded below: the parser leaves out numeric ones, and limits their number, but rclone writes every quote so.
  processEntities: false,
  isArray: (name) => repeated.has(name),
});

export type XmlElement = { readonly [name: string]: XmlNode | undefined };
export type XmlNode = string | XmlElement | readonly XmlNode[];

/** The root element `root` of a request body. Refuses documents with a DOCTYPE before they are parsed: entities expand there. */
export function readXml(body: Uint8Array, root: string): Outcome<XmlElement> {
  const text = strictUtf8Text(body);
  if (text === undefined || /<!(?:DOCTYPE|ENTITY|\[CDATA\[)/i.test(text)) return malformed();
  let parsed: unknown;
  try {
    parsed = parser.parse(text, true);
  } catch (error) {
    if (error instanceof Error) return malformed();
    throw error;
  }
  const element = isElement(parsed) ? parsed[root] : undefined;
  if (element === '') return success({});
  return isElement(element) ? success(element) : malformed();
}

export function malformed(): Outcome<never> {
  return s3Failed('MalformedXML', 'The XML you provided was not well-formed or did not validate against our published schema');
}

/** Text of a child element; undefined when it is missing, has children, or is not well-formed. */
export function childText(element: XmlElement, name: string): string | undefined {
  const child = element[name];
  return typeof child === 'string' ? decodeReferences(child) : undefined;
}

const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Replaces the five named and all numeric references of XML; undefined when there is another, or a bare ampersand. */
export function decodeReferences(text: string): string | undefined {
  if (!text.includes('&')) return text;
  let wellFormed = true;
  const decoded = text.replace(
    /&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|([a-z]{2,4}));|&/gi,
    (_all, hex?: string, decimal?: string, name?: string) => {
      const character =
        name === undefined ? characterOf(hex === undefined ? Number(decimal ?? Number.NaN) : Number.parseInt(hex, 16)) : named[name];
      if (character === undefined) wellFormed = false;
      return character ?? '';
    },
  );
  return wellFormed ? decoded : undefined;
}

function characterOf(codePoint: number): string | undefined {
  const valid = codePoint > 0 && codePoint <= 0x10ffff && (codePoint < 0xd800 || codePoint > 0xdfff);
  return valid ? String.fromCodePoint(codePoint) : undefined;
}

/** Child elements of a repeated name. */
export function children(element: XmlElement, name: string): XmlElement[] {
  const list = element[name];
  return Array.isArray(list) ? list.map((item: unknown) => (isElement(item) ? item : {})) : [];
}

function isElement(value: unknown): value is XmlElement {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
