/** A kind of server that the daemon's package is made for; names of architectures as Node and as Debian says them. */
export interface DaemonTarget {
  readonly node: 'x64' | 'arm64';
  readonly debian: 'amd64' | 'arm64';
}

export const daemonTargets: readonly DaemonTarget[] = [
  { node: 'x64', debian: 'amd64' },
  { node: 'arm64', debian: 'arm64' },
];
