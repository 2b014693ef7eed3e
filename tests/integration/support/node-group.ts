import { createScryptPasswordHasher } from '../../../backend/adapters/crypto/scrypt-password-hasher.ts';
import { createPki } from '../../../backend/adapters/crypto/x509-pki.ts';
import { createClusterEndpointFactory } from '../../../backend/adapters/network/cluster-endpoint.ts';
import { createHttpServerFactory } from '../../../backend/adapters/network/http-server.ts';
import { createJoinClient } from '../../../backend/adapters/network/join-client.ts';
import { openDirectoryBlobStore } from '../../../backend/adapters/storage/directory-blob-store.ts';
import { openSqliteDocumentStore } from '../../../backend/adapters/storage/sqlite-document-store.ts';
import { openSqliteRegisterStore } from '../../../backend/adapters/storage/sqlite-register-store.ts';
import { createSystemClock } from '../../../backend/adapters/system/system-clock.ts';
import { createSystemRandom } from '../../../backend/adapters/system/system-random.ts';
import type { DocumentStore } from '../../../backend/base/document-store.ts';
import type { JoinClient } from '../../../backend/base/cluster-endpoint.ts';
import { silentLogger } from '../../../backend/base/logger.ts';
import { createCloudService, type CloudService } from '../../../backend/cloud-service/cloud-service.ts';
import type { MembershipUpdate } from '../../../backend/contracts/membership.ts';
import { createNameHasher } from '../../../backend/ring/xxhash-name-hasher.ts';

/**
 * A process with many real Cloud Services in it, over the real adapters: for tests of numbers that one
 * process each would be too heavy for. Driven over the channel to its parent.
 */
export interface GroupMember {
  readonly name: string;
  readonly directory: string;
  readonly token: string;
  readonly basePort: number;
  /** Sends its join twice at the same time, as a client does that repeats a request too early. */
  readonly twice: boolean;
}

export type ToGroup =
  | { readonly kind: 'prepare'; readonly controllerUrl: string; readonly members: readonly GroupMember[] }
  | { readonly kind: 'start' }
  | { readonly kind: 'look' }
  | { readonly kind: 'stop' };

export interface ListHeld {
  readonly name: string;
  readonly id: string;
  readonly version: number;
  readonly listDigest: string;
  readonly size: number;
  /** Of all entries as they travel. */
  readonly entryBytes: number;
  /** Every list that this node has held, and when it was durable. */
  readonly history: readonly HeldSince[];
}

export interface HeldSince {
  readonly version: number;
  readonly listDigest: string;
  readonly size: number;
  /** Wall clock, after the commit. */
  readonly atMs: number;
}

export type FromGroup =
  | { readonly kind: 'prepared' }
  | { readonly kind: 'joined' }
  | { readonly kind: 'seen'; readonly lists: readonly ListHeld[] }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'failed'; readonly reason: string };

interface Running {
  readonly name: string;
  readonly service: CloudService;
  held(): ListHeld;
  close(): Promise<void>;
}

const clock = createSystemClock();
const running: Running[] = [];

/** Every join goes out twice; both must answer with the same node. */
function twice(client: JoinClient): JoinClient {
  return {
    fetchAuthority: client.fetchAuthority,
    call: async (...call) => {
      const [first, second] = await Promise.all([client.call(...call), client.call(...call)]);
      const idOf = (outcome: typeof first): unknown => (outcome.ok ? (outcome.value as { nodeId: string }).nodeId : outcome.failure);
      if (idOf(first) !== idOf(second)) throw new Error(`one key joined as ${JSON.stringify([idOf(first), idOf(second)])}`);
      return first;
    },
  };
}

/** Notes when a list became durable: what is measured is the system, not how often somebody looks. */
function noting(documents: DocumentStore, history: HeldSince[]): DocumentStore {
  return {
    ...documents,
    commit: (changes) => {
      documents.commit(changes);
      for (const change of changes) {
        if (change.kind !== 'put' || change.collection !== 'membership') continue;
        const { list, listDigest } = change.document as { list: { version: number; nodes: unknown[] }; listDigest: string };
        history.push({ version: list.version, listDigest, size: list.nodes.length, atMs: Date.now() });
      }
    },
  };
}

async function prepare(member: GroupMember, controllerUrl: string): Promise<Running> {
  const logger = silentLogger;
  const base = `${member.directory}/${member.name}`;
  const history: HeldSince[] = [];
  const documents = noting(openSqliteDocumentStore(`${base}.documents.sqlite`), history);
  const registerStore = await openSqliteRegisterStore(`${base}.names.sqlite`, { logger });
  const service = createCloudService({
    clock,
    random: createSystemRandom(),
    logger,
    documents,
    registerStore,
    blobStore: await openDirectoryBlobStore(`${base}.blobs`, { reserveBytes: 0 }),
    pki: createPki(),
    passwordHasher: createScryptPasswordHasher(),
    endpointFactory: createClusterEndpointFactory({ clock, logger }),
    joinClient: member.twice ? twice(createJoinClient()) : createJoinClient(),
    nameHasherFactory: createNameHasher,
    httpServerFactory: createHttpServerFactory({ logger }),
    options: {
      controllerUrl,
      joinToken: member.token,
      parameters: {
        name: member.name,
        provider: 'test',
        region: 'here',
        zone: `z${member.basePort % 3}`,
        capacityBytes: 1 << 30,
        declaredReadBytesPerSecond: 1e8,
        declaredWriteBytesPerSecond: 1e8,
      },
      listenHost: '127.0.0.1',
      ports: { cluster: member.basePort, s3: member.basePort + 1, dashboard: member.basePort + 2 },
      softwareVersion: 'test',
    },
  });
  return {
    name: member.name,
    service,
    held: () => {
      // What is durable, not what is in memory.
      const stored = documents.get<{ list: { version: number; nodes: unknown[] } } & Pick<MembershipUpdate, 'listDigest'>>(
        'membership',
        'list',
      );
      return {
        name: member.name,
        id: service.nodeId,
        version: stored?.list.version ?? 0,
        listDigest: stored?.listDigest ?? '',
        size: stored?.list.nodes.length ?? 0,
        entryBytes: JSON.stringify(stored?.list.nodes ?? []).length,
        history: [...history],
      };
    },
    close: async () => {
      await service.stop();
      await registerStore.close();
      documents.close();
    },
  };
}

function send(message: FromGroup): void {
  process.send?.(message);
}

const lists = (): ListHeld[] => running.map((node) => node.held());

async function obey(message: ToGroup): Promise<void> {
  if (message.kind === 'prepare') {
    for (const member of message.members) running.push(await prepare(member, message.controllerUrl));
    send({ kind: 'prepared' });
  } else if (message.kind === 'start') {
    await Promise.all(running.map(({ service }) => service.start()));
    send({ kind: 'joined' });
  } else if (message.kind === 'look') send({ kind: 'seen', lists: lists() });
  else {
    await Promise.all(running.map((node) => node.close()));
    send({ kind: 'stopped' });
    process.disconnect();
  }
}

process.on('message', (message) => {
  obey(message as ToGroup).catch((error: unknown) => {
    send({ kind: 'failed', reason: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  });
});
// A test that dies must not leave the group behind.
process.on('disconnect', () => process.exit(0));
