import { S3Client } from '@aws-sdk/client-s3';
import { createHttpServerFactory } from '../../../adapters/network/http-server.ts';
import { silentLogger } from '../../../base/logger.ts';
import { unwrap } from '../../../base/outcome.ts';
import type { ServingState } from '../../admin-cloud-controller/serving-state.ts';
import type { OneTimeDownloads } from '../../objects/one-time-downloads.ts';
import { createOneTimeDownloads } from '../../objects/one-time-downloads.ts';
import type { ObjectCluster } from '../../objects/testing/object-cluster.ts';
import { createObjectCluster } from '../../objects/testing/object-cluster.ts';
import { createS3Handler } from '../s3-handler.ts';

export const testKeys = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY' };
export const otherKeys = { accessKeyId: 'AKIAI44QH8DHBEXAMPLE', secretAccessKey: 'je7MtGbClwBF2Zp9Utkh3yCo8nvbEXAMPLEKEY1' };

export interface S3Service {
  readonly cluster: ObjectCluster;
  /** One a node. */
  readonly endpoints: readonly string[];
  readonly downloads: OneTimeDownloads;
  serving: ServingState;
  client(index?: number, keys?: typeof testKeys): S3Client;
  stop(): Promise<void>;
}

/** The real handler of every node behind the real HTTP server; the user `anna` owns the bucket `photos`. */
export async function startS3Service(): Promise<S3Service> {
  const cluster = await createObjectCluster();
  unwrap(await cluster.first.names.accounts.addAccessKey('anna', testKeys));
  unwrap(await cluster.first.names.accounts.create({ name: 'bert', passwordHash: 'x' }));
  unwrap(await cluster.first.names.accounts.addAccessKey('bert', otherKeys));
  const downloads = createOneTimeDownloads(cluster.first.deps);
  const clients: S3Client[] = [];
  const factory = createHttpServerFactory({ logger: silentLogger });
  const servers = cluster.nodes.map(({ deps, names, objects }) =>
    factory({
      host: '127.0.0.1',
      port: 0,
      maxConnections: 200,
      handler: createS3Handler({ ...deps, names, objects, serving: () => service.serving, region: 'us-east-1', downloads }),
    }),
  );
  const service: S3Service = {
    cluster,
    endpoints: [],
    downloads,
    serving: { kind: 'serving' },
    client: (index = 0, credentials = testKeys) => {
      const client = new S3Client({
        endpoint: service.endpoints[index] as string,
        region: 'us-east-1',
        forcePathStyle: true,
        credentials,
        maxAttempts: 1,
      });
      clients.push(client);
      return client;
    },
    stop: async () => {
      for (const client of clients) client.destroy();
      await Promise.all(servers.map((server) => server.stop()));
    },
  };
  await Promise.all(servers.map((server) => server.start()));
  return Object.assign(service, { endpoints: servers.map((server) => `http://127.0.0.1:${server.port}`) });
}
