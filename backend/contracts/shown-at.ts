/** Longest part of an offending value that is repeated in an error. */
const shownLength = 120;

/** The member at `path` as an error names it, and its value, which is not to be repeated if it is a secret. */
export function shownAt(value: unknown, path: string): { readonly where: string; readonly value: string; readonly isSecret: boolean } {
  const isSecret = /secret|password|token/i.test(path);
  return { where: path.slice(1).replaceAll('/', '.'), value: isSecret ? '' : shown(valueAt(value, path)), isSecret };
}

function valueAt(value: unknown, path: string): unknown {
  let current = value;
  for (const step of path.split('/').slice(1)) {
    if (current === null || typeof current !== 'object') return undefined;
    current = (current as Record<string, unknown>)[step.replaceAll('~1', '/').replaceAll('~0', '~')];
  }
  return current;
}

function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value !== null && typeof value === 'object') return Array.isArray(value) ? 'a list' : 'an object';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > shownLength ? `${text.slice(0, shownLength)}…` : text;
}
