import { execFile, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { McosProcess } from '../../backend/bin/demo/mcos-process.ts';
import { projectRoot } from '../../scripts/run-step.ts';
import { bootMachine } from './support/booted-machine.ts';
import { createToken, loginTo, startController, startNode, untilHealthy, type TestController } from './support/cluster.ts';
import { temporaryDirectory } from './support/demo.ts';
import { copyMachine, whyNoMachineCopy, type MachineCopy } from './support/machine-copy.ts';
import { patternBytes } from './support/s3.ts';
import { until } from './support/wait.ts';

const leftOut = await whyNoMachineCopy();
if (leftOut !== undefined) console.log(`left out: the installation of the daemon's package (${leftOut})`);
const analyzer = existsSync('/usr/bin/systemd-analyze');
const systemd = existsSync('/lib/systemd/systemd');
const basePort = 21_300;
const version = (JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as { version: string }).version;

describe.skipIf(leftOut !== undefined)("the daemon's Debian package", () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let machine: MachineCopy;
  let controller: TestController;
  const nodes: McosProcess[] = [];
  let daemon: ChildProcess | undefined;

  beforeAll(async () => {
    directory = await temporaryDirectory('package');
    await promisify(execFile)(process.execPath, [join(projectRoot, 'scripts/dist-daemon.ts')], { cwd: projectRoot });
    const name = `mcos_${version}_${process.arch === 'x64' ? 'amd64' : 'arm64'}.deb`;
    await copyFile(join(projectRoot, 'dist/daemon', name), join(directory.path, 'mcos.deb'));
    machine = await copyMachine(directory.path);
  });

  afterAll(async () => {
    daemon?.kill('SIGKILL');
    await Promise.all([...nodes, ...(controller === undefined ? [] : [controller.process])].map((process) => process.stop()));
    await machine?.remove();
    await directory.remove();
  });

  it('installs where there is no Node', async () => {
    expect(await machine.run('command -v node')).toMatchObject({ stdout: '' });
    expect(await machine.run(`dpkg -i ${directory.path}/mcos.deb`)).toMatchObject({ code: 0 });
    expect(await machine.run('mcos --version')).toMatchObject({ code: 0, stdout: `${version}\n` });
    expect((await machine.run('stat -c "%U %a" /var/lib/mcos /etc/mcos/node.env')).stdout).toBe('mcos 700\nroot 600\n');
    const documents = "sed -n 's|^Documentation=file://||p' /lib/systemd/system/mcos-*.service";
    expect(await machine.run(`test $(${documents} | wc -l) = 2 && ls $(${documents})`)).toMatchObject({ code: 0 });
    const told = Number((await machine.run("dpkg-query --show --showformat '${Installed-Size}' mcos")).stdout);
    const taken = Number((await machine.run('du --summarize --apparent-size --block-size=1K /usr/lib/mcos')).stdout.split('\t')[0]);
    expect(told / taken).toBeGreaterThan(0.9);
    expect(told / taken).toBeLessThan(1.2);
  });

  it.skipIf(!analyzer)('has units that systemd finds nothing to say about, and rates below 3', async () => {
    const units = ['mcos-controller.service', 'mcos-node.service'];
    expect(await machine.run(`systemd-analyze verify ${units.join(' ')}`)).toEqual({ code: 0, stdout: '', stderr: '' });
    for (const unit of units)
      expect(await machine.run(`systemd-analyze security --offline=true --threshold=30 ${unit}`)).toMatchObject({ code: 0 });
  });

  it.skipIf(!systemd)('has units that work with all that they forbid, on every address of the machine', async ({ skip }) => {
    // What comes up before our package is installed says nothing about it.
    const booted = await bootMachine(directory.path).catch((error: unknown) => {
      console.log(`left out: the units under systemd (${error instanceof Error ? error.message : String(error)})`);
      return null;
    });
    if (booted === null) return skip();
    const port = basePort + 70;
    const login = `MCOS_CONTROLLER=https://127.0.0.1:${port + 1} MCOS_CA=/var/lib/mcos/controller/ca.pem MCOS_PASSWORD=a-long-password`;
    const settings = (unit: string, text: string): string =>
      `printf '%s\\n' "${text}" >> /etc/mcos/${unit}.env && systemctl start mcos-${unit}`;
    try {
      expect(await booted.run(`dpkg -i ${directory.path}/mcos.deb`)).toMatchObject({ code: 0 });
      const options = `MCOS_CONTROLLER_OPTIONS=--listen 0.0.0.0:${port} --advertise https://127.0.0.1:${port}`;
      expect(await booted.run(settings('controller', `MCOS_INITIAL_PASSWORD=a-long-password\n${options}`))).toMatchObject({ code: 0 });
      const token = await until(
        'the Controller to make a token',
        async () => /"token":"([^"]+)"/.exec((await booted.run(`${login} mcos token create --json`)).stdout)?.[1],
        60_000,
      );
      const place = `--name a --zone a --capacity 5GiB --listen 0.0.0.0 --advertise 127.0.0.1 --base-port ${port + 10} --store /srv/blobs`;
      const joins = (ticket: string): string => `MCOS_NODE_OPTIONS=--controller https://127.0.0.1:${port} --join ${ticket} ${place}`;
      const blobs = 'install -d -o mcos -g mcos -m 0700 /srv/blobs';
      const mayWrite = "printf '[Service]\\nReadWritePaths=/srv/blobs\\n' > /etc/systemd/system/mcos-node.service.d/override.conf";
      const dropIn = `mkdir -p /etc/systemd/system/mcos-node.service.d && ${mayWrite} && systemctl daemon-reload`;
      // Without leave to write there it says which line is missing.
      expect(await booted.run(`${blobs} && ${settings('node', joins('nonsense'))}`)).toMatchObject({ code: 0 });
      await until(
        'the missing line to be told',
        async () => (await booted.run('journalctl -u mcos-node -o cat')).stdout.includes('ReadWritePaths=/srv/blobs'),
        60_000,
      );
      // What is no token ends the unit for good.
      expect(await booted.run(`systemctl stop mcos-node && ${dropIn} && systemctl start mcos-node`)).toMatchObject({ code: 0 });
      const status = 'systemctl show --property=ActiveState,ExecMainStatus,NRestarts mcos-node';
      await until('the unit to end', async () => (await booted.run(status)).stdout.includes('ActiveState=failed'), 60_000);
      expect((await booted.run(status)).stdout.split('\n').sort().join(' ').trim()).toBe('ActiveState=failed ExecMainStatus=2 NRestarts=0');
      expect(await booted.run(settings('node', joins(token)))).toMatchObject({ code: 0 });
      await until(
        'the node to be healthy',
        async () => (await booted.run(`${login} mcos nodes --json`)).stdout.includes('"state":"healthy"'),
        60_000,
      );
      expect(await booted.run('systemctl stop mcos-node mcos-controller')).toMatchObject({ code: 0 });
      const ended = await booted.run('systemctl show --property=Result,NRestarts,ExecMainStatus mcos-node mcos-controller');
      const clean = ['ExecMainStatus=0', 'NRestarts=0', 'Result=success'];
      expect(
        ended.stdout
          .split('\n')
          .filter((line) => line !== '')
          .sort(),
      ).toEqual([...clean, ...clean].sort());
    } finally {
      await booted.remove();
    }
  });

  it('starts a Cloud Service as the unit does, which joins, serves objects and stops', async () => {
    controller = await startController(directory.path, basePort, ['--expect-nodes', '3']);
    const { clusterUrl } = controller;
    for (const [index, name] of ['a', 'b'].entries())
      nodes.push(
        await startNode(directory.path, {
          name,
          clusterUrl,
          basePort: basePort + 10 + 10 * index,
          token: await createToken(controller),
        }),
      );
    const options = `--controller ${clusterUrl} --join ${await createToken(controller)} --name c --zone c --capacity 5GiB --base-port ${basePort + 30}`;
    daemon = machine.start('mcos', `MCOS_NODE_OPTIONS='${options}'; exec ${await unitCommand('mcos-node.service')}`);
    const said: string[] = [];
    daemon.stderr?.on('data', (chunk: Buffer) => said.push(chunk.toString()));
    const ended = new Promise<number | null>((resolve) => daemon?.once('exit', resolve));
    await Promise.race([
      untilHealthy(controller, ['a', 'b', 'c']),
      ended.then((code) => Promise.reject(new Error(`the node ended with ${String(code)}: ${said.join('')}`))),
    ]);
    const keys = await makeBucket();
    const body = patternBytes(100_000, 5);
    const through = (port: number): S3Client =>
      new S3Client({ endpoint: `http://127.0.0.1:${port}`, region: 'us-east-1', forcePathStyle: true, credentials: keys });
    await through(basePort + 31).send(new PutObjectCommand({ Bucket: 'photos', Key: 'one', Body: body }));
    const answer = await through(basePort + 11).send(new GetObjectCommand({ Bucket: 'photos', Key: 'one' }));
    expect(Buffer.compare((await answer.Body?.transformToByteArray()) ?? new Uint8Array(), body)).toBe(0);
    expect(await (await fetch(`http://127.0.0.1:${basePort + 32}/`)).text()).toContain('id="app"');
    daemon.kill('SIGTERM');
    expect(await ended).toBe(0);
  });

  it('leaves the data when it is removed, and when it is purged', async () => {
    expect(await machine.run('dpkg -r mcos')).toMatchObject({ code: 0 });
    expect(await machine.run('dpkg -P mcos')).toMatchObject({ code: 0 });
    expect((await machine.run('ls /usr/bin/mcos /usr/lib/mcos /etc/mcos /lib/systemd/system/mcos-node.service')).stdout).toBe('');
    expect((await machine.run('ls /var/lib/mcos/node')).stdout.split('\n')).toContain('names.sqlite');
  });

  /** The command of the installed unit, for a shell. */
  async function unitCommand(unit: string): Promise<string> {
    const { stdout } = await machine.run(`sed -n 's/^ExecStart=//p' /lib/systemd/system/${unit}`);
    return stdout.trim();
  }

  /** A user with a key and a bucket, by the installed command line. */
  async function makeBucket(): Promise<{ accessKeyId: string; secretAccessKey: string }> {
    const login = { ...loginTo(controller), MCOS_NEW_PASSWORD: 'a long password' };
    await until('a user', async () => (await machine.run('mcos user create alice </dev/null', login)).code === 0, 60_000);
    const key = await machine.run('mcos user key add alice --json', login);
    expect(key.stderr).toBe('');
    expect(await machine.run('mcos bucket create photos --owner alice', login)).toMatchObject({ code: 0 });
    return JSON.parse(key.stdout) as { accessKeyId: string; secretAccessKey: string };
  }
});
