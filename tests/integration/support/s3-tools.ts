import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { DemoReport } from '../../../backend/bin/demo/demo-report.ts';

/** Whether a program is installed. */
export function isInstalled(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** A command-line client, as a user would have set it up for one node. */
export interface S3Tool {
  readonly name: 's3cmd' | 'rclone';
  /** Runs it with these parameters; rejects with what it said when it fails. Answers its output. */
  run(parameters: readonly string[]): Promise<string>;
  upload(directory: string, prefix: string): Promise<unknown>;
  download(prefix: string, directory: string): Promise<unknown>;
  /** Keys below the prefix, without it. */
  list(prefix: string): Promise<string[]>;
}

/** `prefix` has no slash at its end. `home` is an empty directory: nothing of the user's own settings is read. */
export async function createS3Tool(
  name: S3Tool['name'],
  target: { s3: DemoReport['s3']; endpoint: string; bucket: string },
  home: string,
): Promise<S3Tool> {
  return name === 's3cmd' ? createS3cmd(target, home) : createRclone(target, home);
}

type Target = Parameters<typeof createS3Tool>[1];

async function createS3cmd({ s3, endpoint, bucket }: Target, home: string): Promise<S3Tool> {
  const { host } = new URL(endpoint);
  const settings = join(home, `s3cmd-${host.replace(':', '-')}.ini`);
  await writeFile(
    settings,
    [
      '[default]',
      `access_key = ${s3.accessKeyId}`,
      `secret_key = ${s3.secretAccessKey}`,
      `host_base = ${host}`,
      `host_bucket = ${host}`,
      'use_https = False',
      `bucket_location = ${s3.region}`,
      'max_retries = 1',
      '',
    ].join('\n'),
  );
  const common = ['--config', settings, '--no-progress'];
  const run = (parameters: readonly string[]): Promise<string> => runProgram('s3cmd', [...common, ...parameters], home);
  return {
    name: 's3cmd',
    run,
    upload: (directory, prefix) => run(['sync', `${directory}/`, `s3://${bucket}/${prefix}/`]),
    download: (prefix, directory) => run(['sync', `s3://${bucket}/${prefix}/`, `${directory}/`]),
    list: async (prefix) => {
      const top = `s3://${bucket}/${prefix}/`;
      const lines = (await run(['ls', '--recursive', top])).split('\n');
      return lines.filter((line) => line.includes(top)).map((line) => line.slice(line.indexOf(top) + top.length));
    },
  };
}

async function createRclone({ s3, endpoint, bucket }: Target, home: string): Promise<S3Tool> {
  const settings = join(home, `rclone-${new URL(endpoint).port}.conf`);
  await writeFile(
    settings,
    [
      '[mcos]',
      'type = s3',
      'provider = Other',
      'env_auth = false',
      `access_key_id = ${s3.accessKeyId}`,
      `secret_access_key = ${s3.secretAccessKey}`,
      `region = ${s3.region}`,
      `endpoint = ${endpoint}`,
      'force_path_style = true',
      'upload_cutoff = 8Mi',
      'chunk_size = 5Mi',
      '',
    ].join('\n'),
  );
  const common = ['--config', settings, '--retries', '1', '--low-level-retries', '1'];
  const run = (parameters: readonly string[]): Promise<string> => runProgram('rclone', [...common, ...parameters], home);
  return {
    name: 'rclone',
    run,
    upload: (directory, prefix) => run(['copy', directory, `mcos:${bucket}/${prefix}`]),
    download: (prefix, directory) => run(['copy', `mcos:${bucket}/${prefix}`, directory]),
    list: async (prefix) =>
      (await run(['lsf', '--recursive', '--files-only', `mcos:${bucket}/${prefix}`])).split('\n').filter((line) => line !== ''),
  };
}

/** With an environment of its own: settings for clouds elsewhere (AWS_CA_BUNDLE, proxies) must not reach the client. */
function runProgram(program: string, parameters: readonly string[], home: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, parameters, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env.PATH, HOME: home, LC_ALL: 'C.UTF-8', NO_PROXY: '*' },
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => {
      const said = Buffer.concat(stdout).toString();
      if (code === 0) resolve(said);
      else
        reject(
          new Error(`${program} ${parameters.join(' ')} ended with ${String(code)}:\n${Buffer.concat(stderr).toString().slice(-4000)}`),
        );
    });
  });
}
