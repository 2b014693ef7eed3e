import { linkScheme } from './page-origin.ts';

/** What a link asks for. It only fills in a form: a person still has to say yes. */
export interface ConnectLink {
  readonly url: string;
  readonly caDigest: string | null;
  readonly name: string;
}

/** `mcos://connect?url=https://HOST:7401&ca=DIGEST&name=NAME`; null for anything else. */
export function parseLink(address: string): ConnectLink | null {
  if (address.length > 4096) return null;
  const link = URL.parse(address);
  if (link === null || link.protocol !== `${linkScheme}:` || link.host !== 'connect') return null;
  const url = link.searchParams.get('url');
  if (url === null || !/^https?:\/\//.test(url)) return null;
  return { url, caDigest: link.searchParams.get('ca'), name: (link.searchParams.get('name') ?? '').slice(0, 100) };
}

/** The link among a command line's words: systems pass it to a second start of the app. */
export function linkIn(words: readonly string[]): ConnectLink | null {
  for (const word of words) {
    const link = word.startsWith(`${linkScheme}:`) ? parseLink(word) : null;
    if (link !== null) return link;
  }
  return null;
}

/** The page's address that shows the form with these values. */
export function addressFor(page: string, link: ConnectLink): string {
  const query = new URLSearchParams({ url: link.url, name: link.name, ...(link.caDigest === null ? {} : { ca: link.caDigest }) });
  return `${page}#/?connect=${encodeURIComponent(query.toString())}`;
}
