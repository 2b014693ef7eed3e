import { join } from 'node:path';
import { composeController } from '../../backend/bin/compose-controller.ts';
import { writeAuthorityFile } from '../../backend/bin/write-authority-file.ts';
import type { StartController } from './controller-host.ts';

/** Cluster port of the Controller in the app; the console is on the next. Taken from the environment in tests. */
const defaultClusterPort = 7400;

/** The real Controller of the backend, in this process, on loopback. */
export function startController(options: {
  dataDirectory: string;
  pagesDirectory: string;
  port: string | undefined;
  log: (line: string) => void;
}): StartController {
  const port = options.port === undefined || options.port === '' ? defaultClusterPort : Number(options.port);
  return async ({ initialPassword }) => {
    const composed = await composeController({
      dataDirectory: join(options.dataDirectory, 'controller'),
      clusterListen: { host: '127.0.0.1', port },
      consoleListen: { host: '127.0.0.1', port: port === 0 ? 0 : port + 1 },
      clusterName: 'mcos',
      automaticRings: false,
      ...(initialPassword === undefined ? {} : { initialPassword }),
      pagesDirectory: options.pagesDirectory,
      logLevel: 'info',
      logDestination: { write: options.log },
    });
    try {
      await composed.service.start();
      await writeAuthorityFile(composed.caFile, composed.service.caCertificatePem);
    } catch (error) {
      await composed.service.stop();
      await composed.release();
      throw error;
    }
    const { service } = composed;
    return {
      consoleUrl: service.consoleUrl,
      clusterUrl: service.clusterUrl,
      caCertificatePem: service.caCertificatePem,
      ended: composed.ended,
      stop: async () => {
        await service.stop();
        await composed.release();
      },
    };
  };
}
