/**
 * Text for an XML element. Control characters that XML 1.0 forbids are written as numeric
 * references, as S3 does: clients that need them exactly ask for encoding-type=url.
 */
export function escapeXml(text: string): string {
  // One test decides the usual case, nothing to escape, without building a string.
  return needsEscape.test(text) ? text.replace(escaped, escapeOne) : text;
}

// From text, because a literal with control characters is taken for a mistake.
const forbidden = '[&<>"\\u0000-\\u001f\\u007f\\ufffe\\uffff]';
const needsEscape = new RegExp(forbidden);
const escaped = new RegExp(forbidden, 'g');

function escapeOne(character: string): string {
  switch (character) {
    case '&':
      return '&amp;';
    case '<':
      return '&lt;';
    case '>':
      return '&gt;';
    case '"':
      return '&quot;';
    default:
      return `&#x${character.charCodeAt(0).toString(16).toUpperCase()};`;
  }
}

/** `<name>text</name>`, escaped; nothing for undefined. */
export function element(name: string, value: string | number | boolean | undefined): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? `<${name}>${escapeXml(value)}</${name}>` : `<${name}>${value}</${name}>`;
}

/** A whole document of S3's namespace; `content` is already XML. */
export function xmlDocument(root: string, content: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${content}</${root}>`;
}
