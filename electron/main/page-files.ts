import { readFile } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json; charset=utf-8',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
};

/** As the console port sends it; app:// is 'self'. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "worker-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-src 'none'",
  "frame-ancestors 'none'",
  "object-src 'none'",
].join('; ');

/** Headers of every answer under app://, the proxied ones too. */
export const pageHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': contentSecurityPolicy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

/**
 * A file of the built page. Only names of plain segments are looked up, so nothing outside of `directory` can be
 * asked for, however the path is written; anything else, and what is not there, is 404.
 */
export async function pageFile(directory: string, rawPath: string): Promise<Response> {
  const path = fileWithin(directory, rawPath);
  if (path === null) return notFound();
  try {
    const bytes = await readFile(path);
    return new Response(new Uint8Array(bytes), {
      headers: { ...pageHeaders, 'content-type': types[extname(path)] ?? 'application/octet-stream' },
    });
  } catch (error) {
    if (error instanceof Error && 'code' in error && ['ENOENT', 'EISDIR', 'ENOTDIR', 'ENAMETOOLONG'].includes(String(error.code)))
      return notFound();
    throw error;
  }
}

/** Null when the path names no file of the page. */
export function fileWithin(directory: string, rawPath: string): string | null {
  let decoded: string;
  try {
    decoded = decodeURIComponent(rawPath);
  } catch {
    return null;
  }
  const segments = (decoded === '/' ? '/index.html' : decoded).split('/').slice(1);
  const plain = segments.every((segment) => /^[\w@+,=~-][\w.@+,=~-]*$/.test(segment));
  if (!plain || segments.length === 0) return null;
  const path = join(directory, ...segments);
  return path.startsWith(directory.endsWith(sep) ? directory : directory + sep) ? path : null;
}

function notFound(): Response {
  return new Response('There is no such file.\n', {
    status: 404,
    headers: { ...pageHeaders, 'content-type': 'text/plain; charset=utf-8' },
  });
}
