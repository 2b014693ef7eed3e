import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { PasswordHasher } from '../../base/password-hasher.ts';
import type { Random } from '../../base/random.ts';
import type { ServingState } from '../admin-cloud-controller/serving-state.ts';
import type { Names } from '../names/names.ts';
import type { Objects } from '../objects/objects.ts';
import type { OneTimeDownloads } from '../objects/one-time-downloads.ts';

export interface UserDashboardDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly names: Names;
  readonly objects: Objects;
  readonly passwordHasher: PasswordHasher;
  readonly serving: () => ServingState;
  readonly downloads: OneTimeDownloads;
  /** Base URL of this node's S3 port as browsers reach it. */
  readonly s3Url: () => string;
  readonly node: { readonly name: string; readonly zone: string };
  /** Undefined: the API alone. */
  readonly pagesDirectory?: string;
  readonly listen: {
    readonly host: string;
    readonly port: number;
    /** Required for anything but loopback. */
    readonly tls?: { readonly certificatePem: string; readonly privateKeyPem: string };
    /** What users type into their browser, when it is not the bound address. */
    readonly advertisedUrl?: string;
  };
}
