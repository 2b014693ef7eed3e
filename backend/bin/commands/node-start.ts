import { resolve } from 'node:path';
import { checkPorts } from '../check-ports.ts';
import { Option, type Command } from 'commander';
import { isLoopback } from '../../base/loopback.ts';
import type { NodeAddresses, NodeParameters } from '../../contracts/membership.ts';
import type { NodeOptions } from '../compose-node.ts';
import { print, withJson } from '../cli/admin-command.ts';
import { CommandError, notImplemented, usageError } from '../cli/command-error.ts';
import { addHealingFlags, healingSettings, type HealingFlags } from '../cli/healing-flags.ts';
import { parseDecimal, parseDuration, parseInteger, parseListen, parseSize, parseSpeed, parseUrl } from '../cli/parse-values.ts';
import { refusedStart } from '../cli/refused-start.ts';
import { runUntilStopped } from '../cli/run-until-stopped.ts';
import { pagesDirectory, parseLogLevel } from '../cli/service-options.ts';
import { givenCertificate } from '../cli/given-certificate.ts';
import { startOptionsFile } from '../start-options-file.ts';

/** Everything that is remembered beside the data. The token is not: it is used once. */
interface NodeStored extends HealingFlags {
  readonly controller?: string;
  readonly name?: string;
  readonly provider?: string;
  readonly region?: string;
  readonly zone?: string;
  readonly lat?: string;
  readonly lon?: string;
  readonly capacity?: string;
  readonly readSpeed?: string;
  readonly writeSpeed?: string;
  readonly storagePrice?: string;
  readonly egressPrice?: string;
  readonly store?: string;
  readonly listen?: string;
  readonly advertise?: string;
  readonly basePort?: string;
  readonly certificate?: string;
  readonly key?: string;
  readonly keepDeletes?: string;
}

interface NodeFlags extends NodeStored {
  readonly data: string;
  readonly join?: string;
  readonly logLevel: string;
  readonly json?: boolean;
}

export const defaultNodeBasePort = 7410;
const defaults = { capacity: '10GiB', speed: '100MB/s' } as const;

/** `mcos node start`: one Cloud Service in the foreground. */
export function addNodeStartCommand(node: Command): void {
  addHealingFlags(
    withJson(
      node.command('start').description('start a Cloud Service in the foreground; what was given once is remembered beside the data'),
    ),
  )
    .requiredOption('--data <directory>', 'where it keeps names, bytes and its key')
    .option('--controller <url>', 'cluster URL of the Controller, https://HOST:7400 (needed at the first start)')
    .option('--join <token>', 'join token (needed at the first start)')
    .option('--name <name>', 'name of this Cloud Service (needed at the first start)')
    .option('--provider <name>', 'whose cloud it is (local)')
    .option('--region <name>', 'region (local)')
    .option('--zone <name>', 'zone: what fails together (the region)')
    .option('--lat <degrees>', 'latitude (unknown)')
    .option('--lon <degrees>', 'longitude (unknown)')
    .option('--capacity <size>', `how much it is meant to hold (${defaults.capacity})`)
    .option('--read-speed <speed>', `how fast it reads (${defaults.speed})`)
    .option('--write-speed <speed>', `how fast it writes (${defaults.speed})`)
    .option('--storage-price <usd>', 'USD per GB stored (unknown)')
    .option('--egress-price <usd>', 'USD per GB sent out (unknown)')
    .option('--store <directory>', 'directory of the blobs (below --data)')
    .option('--listen <host>', 'address to listen on (127.0.0.1)')
    .option('--advertise <host>', 'host name under which others reach it (the address listened on)')
    .option('--base-port <n>', `cluster port (${defaultNodeBasePort}); S3 is the next, the dashboard the one after`)
    .option('--certificate <file>', 'certificate of the S3 port and the dashboard in PEM (one of the cluster)')
    .option('--key <file>', 'key of that certificate in PEM (needed with it)')
    .addOption(new Option('--keep-deletes <time>', 'the mark of a deleted name is kept for so long (24h)').env('MCOS_KEEP_DELETES'))
    .option('--log-level <level>', 'debug, info, warn, error or silent', 'info')
    .action(runNode);
}

async function runNode(flags: NodeFlags): Promise<void> {
  const dataDirectory = resolve(flags.data);
  const stored = startOptionsFile<NodeStored>(dataDirectory);
  const remembered: NodeStored = { ...(await stored.read()), ...given(flags) };
  const options = await nodeOptions(dataDirectory, remembered, flags);
  await checkPorts(options.listenHost, Object.values(options.ports));
  // Only this command needs the servers: the others start in half the time without them.
  const { composeNode } = await import('../compose-node.ts');
  const composed = await composeNode(options);
  await composed.service.start().catch(async (error: unknown) => {
    const refused = refusedStart(error, composed.service.nodeId !== '');
    await composed.service.stop();
    await composed.release();
    throw refused;
  });
  await stored.write(remembered);
  const ready = { id: composed.service.nodeId, name: options.parameters.name, pid: process.pid, ...addressesOf(options) };
  print(flags, ready, (value) => `Cloud Service ${value.name} (${value.id}) is up. S3: ${value.s3}  Dashboard: ${value.dashboard}`);
  const reason = await runUntilStopped(composed.service, () => composed.release(), composed.ended);
  if (reason.kind === 'ended') throw new CommandError('Ended', `The Cloud Service ended: ${reason.reason}`);
}

function given(flags: NodeFlags): NodeStored {
  const { data: _data, join: _join, logLevel: _logLevel, json: _json, ...rest } = flags;
  return Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
}

async function nodeOptions(dataDirectory: string, values: NodeStored, flags: NodeFlags): Promise<NodeOptions> {
  if (values.controller === undefined)
    throw usageError('--controller is missing: the cluster URL of the Controller, for example https://127.0.0.1:7400.');
  if (values.store !== undefined && /^[a-z0-9]+:\/\//i.test(values.store))
    throw notImplemented(`A blob store other than a local directory (--store ${values.store})`);
  const basePort = parseInteger(values.basePort ?? String(defaultNodeBasePort), '--base-port', 0, 65_533);
  const port = (offset: number): number => (basePort === 0 ? 0 : basePort + offset);
  const host = parseListen(values.listen ?? '127.0.0.1', '--listen', basePort).host;
  if (values.advertise === undefined && isWildcard(host))
    throw usageError(`--listen ${host} takes every address of this machine, so --advertise must say under which one the others reach it.`);
  const pages = await pagesDirectory('dashboard');
  const certificate = givenCertificate(values.certificate, values.key, '--certificate', '--key');
  if (certificate !== null && isLoopback(host)) {
    certificate.close();
    throw usageError(
      `--certificate is for ports that others reach; on ${host} S3 and dashboard speak HTTP. Leave it out, or give --listen.`,
    );
  }
  const ports = { cluster: port(0), s3: port(1), dashboard: port(2) };
  return {
    dataDirectory,
    controllerUrl: parseUrl(values.controller, '--controller', ['https']),
    ...(flags.join === undefined ? {} : { joinToken: flags.join }),
    parameters: await nodeParameters(values),
    listenHost: host,
    ports,
    ...(values.advertise === undefined ? {} : { advertise: advertised(parseListen(values.advertise, '--advertise', 0).host, ports, host) }),
    ...(values.store === undefined ? {} : { storeDirectory: resolve(values.store) }),
    ...(pages === undefined ? {} : { pagesDirectory: pages }),
    ...(certificate === null ? {} : { certificate }),
    healing: healingSettings(values),
    ...(values.keepDeletes === undefined ? {} : { tombstoneRetentionMs: parseDuration(values.keepDeletes, '--keep-deletes') }),
    logLevel: parseLogLevel(flags.logLevel),
  };
}

/** As the Controller will check them again; here a mistake costs no token and no start. */
async function nodeParameters(values: NodeStored): Promise<NodeParameters> {
  // The schemas take longer to load than all other commands take to run.
  const [contract, { validator }] = await Promise.all([import('../../contracts/membership.ts'), import('../../controller/validate.ts')]);
  const checked = validator(contract.NodeParameters, 'description of this Cloud Service')(readParameters(values));
  if (!checked.ok) throw usageError(checked.failure.message);
  return checked.value;
}

function readParameters(values: NodeStored): NodeParameters {
  if (values.name === undefined) throw usageError('--name is missing: how this Cloud Service is called in the cluster.');
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(values.name))
    throw usageError(
      `--name: "${values.name.slice(0, 80)}" cannot be the name of a Cloud Service: letters, digits, ".", "_" and "-", the first a letter or a digit, 63 at most.`,
    );
  const region = values.region ?? 'local';
  return {
    name: values.name,
    provider: values.provider ?? 'local',
    region,
    zone: values.zone ?? region,
    ...(values.lat === undefined ? {} : { latitude: parseDecimal(values.lat, '--lat', -90, 90) }),
    ...(values.lon === undefined ? {} : { longitude: parseDecimal(values.lon, '--lon', -180, 180) }),
    capacityBytes: parseSize(values.capacity ?? defaults.capacity, '--capacity'),
    declaredReadBytesPerSecond: parseSpeed(values.readSpeed ?? defaults.speed, '--read-speed'),
    declaredWriteBytesPerSecond: parseSpeed(values.writeSpeed ?? defaults.speed, '--write-speed'),
    ...(values.storagePrice === undefined ? {} : { storagePricePerGb: parseDecimal(values.storagePrice, '--storage-price', 0, 1e6) }),
    ...(values.egressPrice === undefined ? {} : { egressPricePerGb: parseDecimal(values.egressPrice, '--egress-price', 0, 1e6) }),
  };
}

function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

function urlHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** Ports bound beyond loopback speak TLS, under whatever name they are reached. */
function advertised(host: string, ports: NodeOptions['ports'], listenHost: string): NodeAddresses {
  const scheme = isLoopback(listenHost) && isLoopback(host) ? 'http' : 'https';
  return {
    cluster: `https://${urlHost(host)}:${ports.cluster}`,
    s3: `${scheme}://${urlHost(host)}:${ports.s3}`,
    dashboard: `${scheme}://${urlHost(host)}:${ports.dashboard}`,
  };
}

function addressesOf(options: NodeOptions): NodeAddresses {
  return options.advertise ?? advertised(options.listenHost, options.ports, options.listenHost);
}
