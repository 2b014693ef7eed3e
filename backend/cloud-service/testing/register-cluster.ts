import { silentLogger } from '../../base/logger.ts';
import type { PeerReply, PeerTransport } from '../../base/peer-transport.ts';
import { toDisposable } from '../../base/lifecycle.ts';
import { createSystemClock } from '../../adapters/system/system-clock.ts';
import { createSystemRandom } from '../../adapters/system/system-random.ts';
import { createAcceptor, type Acceptor } from '../../register/acceptor.ts';
import { createRegisterClient } from '../../register/proposer.ts';
import type { RegisterClient } from '../../register/register-client.ts';
import type { RegisterStore } from '../../register/register-store.ts';
import type { RegisterView } from '../../register/register-view.ts';
import { createNameHasher } from '../../ring/xxhash-name-hasher.ts';
import { createNames } from '../names/create-names.ts';
import type { Names } from '../names/names.ts';
import { createMemoryRegisterStore } from './memory-register-store.ts';

export interface RegisterCluster {
  readonly nodes: readonly {
    readonly id: string;
    readonly names: Names;
    readonly registers: RegisterClient;
    readonly store: RegisterStore;
    readonly view: RegisterView;
  }[];
  /** A node that is down answers nobody. */
  setDown(nodeId: string, down: boolean): void;
  /** A node that keeps tombstones purges none, whoever asks. */
  setKeepsTombstones(nodeId: string, keeps: boolean): void;
  /** Accepts that a replica did not confirm: the writer, and the replica. */
  readonly unheardAccepts: readonly { readonly by: string; readonly node: string }[];
}

/** Real acceptors and proposers in one process; every node is a replica of everything. */
export async function createRegisterCluster(size: number): Promise<RegisterCluster> {
  const ids = Array.from({ length: size }, (_, index) => (index + 1).toString(16).padStart(16, '0'));
  const acceptors = new Map<string, Acceptor>();
  const down = new Set<string>();
  const keeping = new Set<string>();
  const unheardAccepts: { by: string; node: string }[] = [];
  const clock = createSystemClock();
  const random = createSystemRandom();
  const hasher = await createNameHasher('0123456789abcdef0123456789abcdef');
  const nodes = ids.map((id) => {
    const view: RegisterView = {
      selfId: id,
      boot: 1,
      regime: () => ({ epoch: 1, phase: 'active' }),
      groupsOf: () => [ids],
      adopting: () => null,
      mayPurge: () => !keeping.has(id),
      serving: () => true,
      recordedBoot: () => 1,
      reachable: (other) => !down.has(other),
      certificate: () => new Uint8Array(1),
      learn: () => Promise.resolve(),
    };
    const transport: PeerTransport = {
      request: async (peer, _channel, payload): Promise<PeerReply> => {
        const acceptor = acceptors.get(peer);
        if (acceptor === undefined || down.has(peer) || down.has(id)) return { kind: 'unreachable', reason: 'down' };
        return { kind: 'reply', payload: await acceptor.handlePayload(id, payload) };
      },
      handle: () => toDisposable(() => undefined),
    };
    const store = createMemoryRegisterStore();
    const acceptor = createAcceptor({ view, store, logger: silentLogger });
    acceptors.set(id, acceptor);
    const onUnheardAccept = (node: string): void => void unheardAccepts.push({ by: id, node });
    const registers = createRegisterClient({ view, transport, acceptor, clock, random, logger: silentLogger, onUnheardAccept });
    return { id, names: createNames({ clock, random, logger: silentLogger, registers, hasher }), registers, store, view };
  });
  return {
    nodes,
    unheardAccepts,
    setDown: (nodeId, isDown) => void (isDown ? down.add(nodeId) : down.delete(nodeId)),
    setKeepsTombstones: (nodeId, keeps) => void (keeps ? keeping.add(nodeId) : keeping.delete(nodeId)),
  };
}
