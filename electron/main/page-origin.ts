/** Scheme and origin of the page; a standard, secure scheme, so that the page has an origin and CSP applies. */
export const pageScheme = 'app';
export const pageHost = 'mcos';
export const pageOrigin = `${pageScheme}://${pageHost}`;
export const pageAddress = `${pageOrigin}/index.html`;
/** Under which other programs open the app: mcos://connect?url=…&ca=… */
export const linkScheme = 'mcos';

/** Whether an address belongs to the page and to nothing else. */
export function isOwnPage(address: string): boolean {
  const url = URL.parse(address);
  return url !== null && url.protocol === `${pageScheme}:` && url.host === pageHost && url.username === '' && url.password === '';
}
