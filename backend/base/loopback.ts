/** Whether only this machine reaches a port bound to `host`. A name that merely begins like an address is none. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}
