import type { ClusterView } from '../../contracts/admin-api.ts';
import { join } from 'node:path';
import type { DemoCluster, RunningNode } from './demo-cluster.ts';

export interface DemoNodeReport {
  readonly id: string;
  readonly name: string;
  readonly pid: number;
  readonly zone: string;
  readonly dataDir: string;
  readonly s3: string;
  readonly dashboard: string;
  readonly cluster: string;
}

/** The one line of `--json`: others read it, so its shape is fixed. */
export interface DemoReport {
  readonly controller: { readonly url: string; readonly caFile: string; readonly pid: number };
  readonly console: { readonly url: string; readonly username: string; readonly password: string };
  readonly s3: {
    readonly endpoints: readonly string[];
    readonly region: 'us-east-1';
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly alt: { readonly accessKeyId: string; readonly secretAccessKey: string };
  };
  readonly dashboards: readonly string[];
  readonly user: { readonly username: string; readonly password: string };
  readonly nodes: readonly DemoNodeReport[];
  readonly epoch: number;
  readonly digest: string | null;
}

export function demoReport(demo: DemoCluster, cluster: ClusterView): DemoReport {
  const { state, controller } = demo;
  const nodes = demo.nodes.map((running) => nodeReport(demo.directory, running));
  return {
    controller: { url: String(controller.ready.clusterUrl), caFile: String(controller.ready.caFile), pid: controller.pid },
    console: { url: String(controller.ready.consoleUrl), username: state.admin.username, password: state.admin.password },
    s3: {
      endpoints: nodes.map((node) => node.s3),
      region: 'us-east-1',
      accessKeyId: state.user.accessKeyId,
      secretAccessKey: state.user.secretAccessKey,
      alt: { accessKeyId: state.alt.accessKeyId, secretAccessKey: state.alt.secretAccessKey },
    },
    dashboards: nodes.map((node) => node.dashboard),
    user: { username: state.user.username, password: state.user.password },
    nodes,
    epoch: cluster.epoch,
    digest: cluster.digest,
  };
}

export function nodeReport(directory: string, { node, process }: RunningNode): DemoNodeReport {
  const { id, s3, dashboard, cluster } = process.ready;
  return {
    id: String(id),
    name: node.name,
    pid: process.pid,
    zone: node.place.zone,
    dataDir: join(directory, node.name),
    s3: String(s3),
    dashboard: String(dashboard),
    cluster: String(cluster),
  };
}

/** The same for people. */
export function describeReport(report: DemoReport, bucket: string): string {
  return [
    `Console     ${report.console.url}   user ${report.console.username}, password ${report.console.password}`,
    ...report.nodes.map((node) => `${node.name.padEnd(12)}${node.zone}  S3 ${node.s3}  dashboard ${node.dashboard}  pid ${node.pid}`),
    `End user    ${report.user.username}, password ${report.user.password}, bucket ${bucket}`,
    `Access key  ${report.s3.accessKeyId}  secret ${report.s3.secretAccessKey}  region ${report.s3.region}`,
    report.digest === null
      ? 'Rings       not made yet: press "Create rings" in the console, or "npm run --silent mcos -- ring create"'
      : `Rings       epoch ${report.epoch}, digest ${report.digest}`,
    `Commands    export MCOS_CONTROLLER=${report.console.url} MCOS_PASSWORD=${report.console.password}`,
    '            then, from another terminal: npm run --silent mcos -- status',
    'Ctrl-C stops everything; started again on the same data it goes on.',
  ].join('\n');
}
