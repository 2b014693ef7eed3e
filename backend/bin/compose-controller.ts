import { join } from 'node:path';
import { unwrap } from '../base/outcome.ts';
import { createScryptPasswordHasher } from '../adapters/crypto/scrypt-password-hasher.ts';
import { createPki } from '../adapters/crypto/x509-pki.ts';
import type { CertificateFiles } from '../adapters/network/certificate-files.ts';
import { resolveHost } from '../adapters/network/address-guard.ts';
import { createClusterEndpointFactory } from '../adapters/network/cluster-endpoint.ts';
import { openDataDirectory, type DataDirectory } from '../adapters/storage/data-directory.ts';
import { openSqliteDocumentStore, type SqliteDocumentStore } from '../adapters/storage/sqlite-document-store.ts';
import { createPinoLogger } from '../adapters/system/pino-logger.ts';
import { createSystemClock } from '../adapters/system/system-clock.ts';
import { createSystemRandom } from '../adapters/system/system-random.ts';
import { isLoopback } from '../base/loopback.ts';
import { createControllerService, type ControllerService } from '../controller/controller-service.ts';
import { passedOn } from '../contracts/passed-on.ts';
import type { Sentence } from '../contracts/spoken.ts';
import { storageSentence } from '../contracts/storage-texts.ts';
import type { LogLevel } from './log-level.ts';
import { softwareVersion } from './software-version.ts';

export interface ControllerOptions {
  readonly dataDirectory: string;
  readonly clusterListen: { readonly host: string; readonly port: number };
  /** Beyond loopback the console speaks TLS: with this certificate, or with one of the cluster's CA. */
  readonly consoleListen: {
    readonly host: string;
    readonly port: number;
    /** A certificate of one's own, taken over again when its files change. */
    readonly certificate?: CertificateFiles;
    /** Further names under which browsers reach it. */
    readonly names?: readonly string[];
  };
  /** Under which nodes reach the cluster port, when it is not the one listened on. */
  readonly advertiseUrl?: string;
  readonly clusterName: string;
  readonly expectedNodes?: number;
  readonly automaticRings: boolean;
  readonly initialPassword?: string;
  readonly pagesDirectory?: string;
  readonly logLevel: LogLevel;
  /** Where log lines go, if not to standard error. */
  readonly logDestination?: { write(line: string): void };
}

export interface ComposedController {
  readonly service: ControllerService;
  /** The cluster's certificate for clients, written beside the data at start. */
  readonly caFile: string;
  /** Resolves when its disk has failed: it cannot go on. */
  readonly ended: Promise<{ reason: string; spoken?: Sentence }>;
  /** Gives the data directory back, after `service.stop()`. */
  release(): Promise<void>;
}

/** Wires a Controller from the adapters of this machine. Throws `FailureError` when the data directory cannot be taken. */
export async function composeController(options: ControllerOptions): Promise<ComposedController> {
  const directory = unwrap(await openDataDirectory(options.dataDirectory));
  const logger = createPinoLogger({
    level: options.logLevel,
    ...(options.logDestination === undefined ? {} : { destination: options.logDestination }),
  }).child({ process: 'controller' });
  const clock = createSystemClock();
  const { certificate, ...listen } = options.consoleListen;
  certificate?.problems.on((problem) => logger.error({}, problem));
  const consoleListen = { ...listen, ...(certificate === undefined ? {} : { tls: certificate.current }) };
  const documents = await openDocuments(directory);
  const service = createControllerService({
    clock,
    random: createSystemRandom(),
    logger,
    documents,
    pki: createPki(),
    passwordHasher: createScryptPasswordHasher(),
    endpointFactory: createClusterEndpointFactory({ clock, logger }),
    consoleListen: isLoopback(consoleListen.host) ? consoleListen : { tls: 'cluster-authority', ...consoleListen },
    ...(certificate === undefined ? {} : { consoleCertificate: certificate }),
    clusterListen: { ...options.clusterListen, ...(options.advertiseUrl === undefined ? {} : { advertiseUrl: options.advertiseUrl }) },
    clusterName: options.clusterName,
    ...(options.expectedNodes === undefined ? {} : { expectedNodes: options.expectedNodes }),
    automaticRings: options.automaticRings,
    ...(options.initialPassword === undefined ? {} : { initialPassword: options.initialPassword }),
    ...(options.pagesDirectory === undefined ? {} : { pagesDirectory: options.pagesDirectory }),
    softwareVersion: softwareVersion(),
    resolveHost,
  });
  return {
    service,
    caFile: join(directory.path, 'ca.pem'),
    ended: documents.failed.then((failure) => {
      const spoken = storageSentence('documentsFailed', { reason: passedOn(failure) });
      return { reason: spoken.sentence, spoken };
    }),
    release: async () => {
      certificate?.close();
      await documents.close();
      await directory.release();
    },
  };
}

/** A database that cannot be opened must not keep the directory: the desktop app goes on, and may try again. */
async function openDocuments(directory: DataDirectory): Promise<SqliteDocumentStore> {
  try {
    return openSqliteDocumentStore(join(directory.path, 'controller.sqlite'));
  } catch (error) {
    await directory.release();
    throw error;
  }
}
