import type { BlobStore } from '../base/blob-store.ts';
import type { Clock } from '../base/clock.ts';
import type { ClusterEndpointFactory, JoinClient } from '../base/cluster-endpoint.ts';
import type { DocumentStore } from '../base/document-store.ts';
import type { CertificateSource, HttpServerFactory } from '../base/http-port.ts';
import type { LogTail } from '../base/log-tail.ts';
import type { Logger } from '../base/logger.ts';
import type { PasswordHasher } from '../base/password-hasher.ts';
import type { Pki } from '../base/pki.ts';
import type { Random } from '../base/random.ts';
import type { NodeAddresses, NodeParameters } from '../contracts/membership.ts';
import type { RegisterStore } from '../register/register-store.ts';
import type { NameHasher } from '../ring/name-hasher.ts';
import type { EpochChangeSettings } from './admin-cloud-controller/epoch-change.ts';
import type { HealingSettings } from './healing/healing-settings.ts';

export interface CloudServiceOptions {
  /** Cluster URL of the Controller Service. */
  readonly controllerUrl: string;
  /** Needed for the first start only. */
  readonly joinToken?: string;
  readonly parameters: NodeParameters;
  readonly listenHost: string;
  /** 0: any free port. */
  readonly ports: { readonly cluster: number; readonly s3: number; readonly dashboard: number };
  /** Base URLs under which others reach this node; what it listens on unless given. */
  readonly advertise?: Partial<NodeAddresses>;
  readonly pagesDirectory?: string;
  /** Of the S3 port and the dashboard beyond loopback, if not the node's own of the cluster. */
  readonly certificate?: CertificateSource;
  /** How long the mark of a deleted name is kept; 24 hours unless given. Not a matter of safety. */
  readonly tombstoneRetentionMs?: number;
  /** Those that differ from the defaults. */
  readonly healing?: Partial<HealingSettings>;
  readonly epochChange?: Partial<EpochChangeSettings>;
  readonly softwareVersion: string;
}

export interface CloudServiceDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** What the logger wrote last, for administrators. */
  readonly logTail?: LogTail;
  readonly documents: DocumentStore;
  readonly registerStore: RegisterStore;
  readonly blobStore: BlobStore;
  readonly pki: Pki;
  readonly passwordHasher: PasswordHasher;
  readonly endpointFactory: ClusterEndpointFactory;
  readonly joinClient: JoinClient;
  readonly nameHasherFactory: (clusterSeedHex: string) => Promise<NameHasher>;
  readonly httpServerFactory: HttpServerFactory;
  readonly options: CloudServiceOptions;
}
