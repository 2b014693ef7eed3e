import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const bridge = 'mcos0';
const subnet = '10.99.0';

/** What befalls the packets that arrive at a node from some others. */
export type Trouble = 'cut' | { readonly lossPercent: number };

export interface NamespaceNetwork {
  /** Of this end of the bridge, where Controller and clients live. */
  readonly hostAddress: string;
  addressOf(index: number): string;
  /** Starts a command within the namespace of node `index`. */
  launcher(index: number): readonly string[];
  /** Packets from `sources` to `target` meet trouble; the other way they do not. */
  trouble(target: number, sources: readonly number[], what: Trouble): Promise<void>;
  /** All is well again everywhere. */
  mend(): Promise<void>;
}

/**
 * One network namespace for each node, joined by a bridge in the namespace of this process. This process
 * must be in network and mount namespaces of its own (`unshare --net --mount`): nothing of it is seen
 * outside, and everything vanishes with it.
 */
export async function createNamespaceNetwork(count: number): Promise<NamespaceNetwork> {
  await mkdir('/run/netns', { recursive: true });
  await run('mount', ['-t', 'tmpfs', 'mcos-test', '/run/netns']);
  await run('ip', ['link', 'set', 'lo', 'up']);
  await run('ip', ['link', 'add', bridge, 'type', 'bridge']);
  await run('ip', ['address', 'add', `${subnet}.1/24`, 'dev', bridge]);
  await run('ip', ['link', 'set', bridge, 'up']);
  const addressOf = (index: number): string => `${subnet}.${11 + index}`;
  for (let index = 0; index < count; index++) await addNamespace(index, addressOf(index));
  const inside = (index: number, ...command: string[]): Promise<unknown> => run('ip', ['netns', 'exec', nameOf(index), ...command]);
  const troubled = new Set<number>();
  return {
    hostAddress: `${subnet}.1`,
    addressOf,
    launcher: (index) => ['ip', 'netns', 'exec', nameOf(index)],
    trouble: async (target, sources, what) => {
      troubled.add(target);
      const chance = what === 'cut' ? '' : `numgen random mod 100 < ${what.lossPercent} `;
      const rules = sources.map((source) => `add rule inet mcos input ip saddr ${addressOf(source)} ${chance}drop`);
      await inside(target, 'nft', rules.join('; '));
    },
    mend: async () => {
      await Promise.all([...troubled].map((index) => inside(index, 'nft', 'flush chain inet mcos input')));
      troubled.clear();
    },
  };
}

function nameOf(index: number): string {
  return `n${index}`;
}

async function addNamespace(index: number, address: string): Promise<void> {
  const name = nameOf(index);
  await run('ip', ['netns', 'add', name]);
  await run('ip', ['link', 'add', `mcos-${name}`, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name]);
  await run('ip', ['link', 'set', `mcos-${name}`, 'master', bridge, 'up']);
  await run('ip', ['-n', name, 'address', 'add', `${address}/24`, 'dev', 'eth0']);
  await run('ip', ['-n', name, 'link', 'set', 'eth0', 'up']);
  await run('ip', ['-n', name, 'link', 'set', 'lo', 'up']);
  const chain = 'add table inet mcos; add chain inet mcos input { type filter hook input priority 0; }';
  await run('ip', ['netns', 'exec', name, 'nft', chain]);
}

/** Whether this machine lets us; undefined when it does, otherwise why not. */
export async function whyNoNamespaces(): Promise<string | undefined> {
  const attempt = [
    'set -e; mkdir -p /run/netns; mount -t tmpfs mcos-test /run/netns; ip netns add tried',
    'ip link add mcos0 type bridge; ip link add mcos1 type veth peer name eth0 netns tried',
    "ip netns exec tried nft 'add table inet t; add chain inet t c { type filter hook input priority 0; }'",
    "ip netns exec tried nft 'add rule inet t c ip saddr 10.0.0.1 numgen random mod 100 < 30 drop'",
  ].join('; ');
  return run('unshare', ['--net', '--mount', 'sh', '-c', attempt]).then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? (error.message.trim().split('\n').at(-1) ?? error.message) : String(error)),
  );
}
