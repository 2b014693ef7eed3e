/** How often a Cookie header names a cookie. Browsers send more than one when another path or port of the host has set one too. */
export function timesNamed(header: string | undefined, name: string): number {
  return (header ?? '').split(';').filter((pair) => pair.trim().startsWith(`${name}=`)).length;
}
