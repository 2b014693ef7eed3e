import { join } from 'node:path';
import { createLogTail } from '../base/log-tail.ts';
import { unwrap } from '../base/outcome.ts';
import { createScryptPasswordHasher } from '../adapters/crypto/scrypt-password-hasher.ts';
import { createPki } from '../adapters/crypto/x509-pki.ts';
import type { CertificateFiles } from '../adapters/network/certificate-files.ts';
import { createClusterEndpointFactory } from '../adapters/network/cluster-endpoint.ts';
import { createHttpServerFactory } from '../adapters/network/http-server.ts';
import { createJoinClient } from '../adapters/network/join-client.ts';
import { openDataDirectory } from '../adapters/storage/data-directory.ts';
import { openDirectoryBlobStore } from '../adapters/storage/directory-blob-store.ts';
import { openSqliteDocumentStore } from '../adapters/storage/sqlite-document-store.ts';
import { openSqliteRegisterStore } from '../adapters/storage/sqlite-register-store.ts';
import { createPinoLogger, standardError } from '../adapters/system/pino-logger.ts';
import { createSystemClock } from '../adapters/system/system-clock.ts';
import { createSystemRandom } from '../adapters/system/system-random.ts';
import { tailedDestination } from '../adapters/system/tailed-destination.ts';
import { createCloudService, type CloudService } from '../cloud-service/cloud-service.ts';
import type { HealingSettings } from '../cloud-service/healing/healing-settings.ts';
import type { NodeAddresses, NodeParameters } from '../contracts/membership.ts';
import { createNameHasher } from '../ring/xxhash-name-hasher.ts';
import type { LogLevel } from './log-level.ts';
import { softwareVersion } from './software-version.ts';

export interface NodeOptions {
  readonly dataDirectory: string;
  readonly controllerUrl: string;
  readonly joinToken?: string;
  readonly parameters: NodeParameters;
  readonly listenHost: string;
  readonly ports: { readonly cluster: number; readonly s3: number; readonly dashboard: number };
  readonly advertise?: NodeAddresses;
  /** Directory of the blobs; `blobs` beside the names unless given. */
  readonly storeDirectory?: string;
  readonly pagesDirectory?: string;
  /** Of the S3 port and the dashboard, if not one of the cluster. */
  readonly certificate?: CertificateFiles;
  readonly healing?: Partial<HealingSettings>;
  readonly tombstoneRetentionMs?: number;
  readonly logLevel: LogLevel;
}

export interface ComposedNode {
  readonly service: CloudService;
  /** Resolves when it cannot go on: its identity was refused, or a disk failed. */
  readonly ended: Promise<{ reason: string }>;
  /** Closes the stores and gives the data directory back, after `service.stop()`. */
  release(): Promise<void>;
}

/** Space that stays free for names when the disk fills up, so that deletes still work. */
const reserveBytes = 64 << 20;

/** Wires a Cloud Service from the adapters of this machine. Throws `FailureError` when the data directory cannot be taken. */
export async function composeNode(options: NodeOptions): Promise<ComposedNode> {
  const directory = unwrap(await openDataDirectory(options.dataDirectory));
  // Two nodes on one directory of blobs would take each other's files for their own.
  const store = unwrap(await openDataDirectory(options.storeDirectory ?? join(directory.path, 'blobs')));
  const logTail = createLogTail();
  const destination = tailedDestination(logTail, standardError());
  const logger = createPinoLogger({ level: options.logLevel, destination }).child({ process: 'node', node: options.parameters.name });
  options.certificate?.problems.on((problem) => logger.error({}, problem));
  const clock = createSystemClock();
  const documents = openSqliteDocumentStore(join(directory.path, 'node.sqlite'));
  const registerStore = await openSqliteRegisterStore(join(directory.path, 'names.sqlite'), { logger });
  const blobStore = await openDirectoryBlobStore(store.path, { reserveBytes });
  const service = createCloudService({
    clock,
    random: createSystemRandom(),
    logger,
    logTail,
    documents,
    registerStore,
    blobStore,
    pki: createPki(),
    passwordHasher: createScryptPasswordHasher(),
    endpointFactory: createClusterEndpointFactory({ clock, logger }),
    joinClient: createJoinClient(),
    nameHasherFactory: createNameHasher,
    httpServerFactory: createHttpServerFactory({ logger }),
    options: {
      controllerUrl: options.controllerUrl,
      ...(options.joinToken === undefined ? {} : { joinToken: options.joinToken }),
      parameters: options.parameters,
      listenHost: options.listenHost,
      ports: options.ports,
      ...(options.advertise === undefined ? {} : { advertise: options.advertise }),
      ...(options.pagesDirectory === undefined ? {} : { pagesDirectory: options.pagesDirectory }),
      ...(options.certificate === undefined ? {} : { certificate: options.certificate }),
      ...(options.healing === undefined ? {} : { healing: options.healing }),
      ...(options.tombstoneRetentionMs === undefined ? {} : { tombstoneRetentionMs: options.tombstoneRetentionMs }),
      softwareVersion: softwareVersion(),
    },
  });
  return {
    service,
    ended: Promise.race([service.ended, documents.failed.then(({ message }) => ({ reason: `The store of documents failed: ${message}` }))]),
    release: async () => {
      options.certificate?.close();
      await registerStore.close();
      await documents.close();
      await store.release();
      await directory.release();
    },
  };
}
