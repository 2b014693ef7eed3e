import type { Command } from 'commander';
import type { NodeView } from '../../contracts/admin-api.ts';
import type { HeldBlob, HeldName, ObjectsHeldAnswer, ReplicasCompared } from '../../contracts/cluster-messages.ts';
import type { AdminClient } from '../cli/admin-client.ts';
import { print, withAdmin, withAdminOptions, type AdminOptions } from '../cli/admin-command.ts';
import { CommandError } from '../cli/command-error.ts';
import { addDrainCommands } from './drain.ts';
import { healingRows } from './healing.ts';
import { formatBytes, formatCount, formatSpeed, formatTable, formatTime, visible } from '../cli/format.ts';

/** `mcos nodes` and the parts of `mcos node` that ask the Controller. `node` is the group that `node start` belongs to, too. */
export function addNodesCommands(program: Command, node: Command): void {
  withAdminOptions(program.command('nodes').description('the list of Cloud Services')).action(async (options: AdminOptions) => {
    await withAdmin(options, async (admin) => print(options, await admin.get<NodeView[]>('/nodes'), nodesTable));
  });

  withAdminOptions(node.command('show <name>').description('everything about one Cloud Service')).action(
    async (name: string, options: AdminOptions) => {
      await withAdmin(options, async (admin) => {
        const view = await admin.get<NodeView>(nodePath(name));
        print(options, { ...view, replicas: await comparedReplicas(admin, name) }, describeNode);
      });
    },
  );

  withAdminOptions(node.command('objects <name>').description('names and blobs on the disk of this Cloud Service'))
    .option('--prefix <text>', 'only names that begin so (all)')
    .action(async (name: string, options: AdminOptions & { prefix?: string }) => {
      await withAdmin(options, async (admin) => {
        const names = await allHeld(admin, name, 'names', options.prefix);
        const blobs = await allHeld(admin, name, 'blobs', undefined);
        print(options, { names: names.names, blobs: blobs.blobs }, heldTables);
      });
    });

  withAdminOptions(node.command('fence <name>').description('refuse the certificate of this Cloud Service at once')).action(
    async (name: string, options: AdminOptions) => {
      await withAdmin(options, async (admin) =>
        print(
          options,
          (await admin.send<unknown>('POST', `${nodePath(name)}/fence`)) ?? {},
          () => `${name} is fenced: nobody in the cluster answers it any more.`,
        ),
      );
    },
  );

  addDrainCommands(node);
}

/** What the node's replicas hold beside their fellows'; a node that cannot tell now has no such line. */
async function comparedReplicas(admin: AdminClient, name: string): Promise<ReplicasCompared | null> {
  try {
    return await admin.get<ReplicasCompared>(`${nodePath(name)}/replicas`);
  } catch (error) {
    if (error instanceof CommandError) return null;
    throw error;
  }
}

function describeReplicas(replicas: ReplicasCompared | null): string {
  if (replicas === null) return 'not known: the node does not answer, or has no rings yet';
  const { compared, different, silent } = replicas;
  const equal = different === 0 ? `all ${compared} equal to their fellows` : `${different} of ${compared} differ from their fellows`;
  return silent.length === 0 ? equal : `${equal}; ${silent.length} nodes did not answer`;
}

function nodePath(name: string): string {
  return `/nodes/${encodeURIComponent(name)}`;
}

/** Every page of the list. The number of pages is bounded by what one disk can hold. */
async function allHeld(
  admin: AdminClient,
  name: string,
  kind: 'names' | 'blobs',
  prefix: string | undefined,
): Promise<{ names: HeldName[]; blobs: HeldBlob[] }> {
  const names: HeldName[] = [];
  const blobs: HeldBlob[] = [];
  let after: string | undefined;
  for (;;) {
    const page: ObjectsHeldAnswer = await admin.get<ObjectsHeldAnswer>(`${nodePath(name)}/objects`, { kind, limit: 1000, after, prefix });
    for (const held of page.names) names.push(held);
    for (const held of page.blobs) blobs.push(held);
    if (page.next === null) return { names, blobs };
    after = page.next;
  }
}

export function nodesTable(nodes: readonly NodeView[]): string {
  if (nodes.length === 0) return 'No Cloud Service has joined yet. Make a join token with "mcos token create".';
  const table = formatTable(
    ['#', 'NAME', 'STATE', 'ZONE', 'PROVIDER', 'REGION', 'CAPACITY', 'DISK FREE', 'EPOCH', 'LIST', 'VERSION', 'SERVING', 'S3'],
    nodes.map((node) => [
      node.index,
      node.name,
      node.state,
      node.parameters.zone,
      node.parameters.provider,
      node.parameters.region,
      formatBytes(node.parameters.capacityBytes),
      formatBytes(node.measured.freeBytes),
      node.epoch,
      node.membershipVersion,
      node.softwareVersion ?? '-',
      isHeard(node) ? (node.serving ?? '-') : '-',
      node.addresses.s3,
    ]),
  );
  return [table, ...nodes.flatMap(describeTrouble)].join('\n');
}

/** Whether the node's last answer is about now: what a fenced node, or one that is down, said of itself before is not so any more. */
function isHeard({ state, evidence }: NodeView): boolean {
  return state !== 'removed' && state !== 'down' && evidence.missedProbes === 0;
}

function describeServing(node: NodeView): string {
  if (node.serving === null) return '-';
  return isHeard(node) ? node.serving : `not known: ${node.serving} by its last answer, ${formatTime(node.evidence.lastAnswerAtMs)}`;
}

/** What the word in the column STATE does not say. */
function describeTrouble({ name, state, trouble, evidence }: NodeView): string[] {
  return trouble === undefined || trouble === state ? [] : [visible(`${name} ${evidence.sentence}`)];
}

function describeSpeed(declared: number, measured: number | null, observed: number | null | undefined): string {
  return `${formatSpeed(declared)} declared, ${formatSpeed(measured)} measured, ${formatSpeed(observed)} observed in transfers`;
}

export function describeNode(node: NodeView & { readonly replicas: ReplicasCompared | null }): string {
  const { parameters, measured, addresses } = node;
  const place =
    parameters.latitude === undefined || parameters.longitude === undefined ? '' : ` (${parameters.latitude}, ${parameters.longitude})`;
  const rows: [string, string][] = [
    ['name', node.name],
    ['id', node.id],
    ['state', `${node.state} since ${formatTime(node.stateSinceMs)}`],
    ['evidence', node.evidence.sentence],
    ['serving', describeServing(node)],
    ['place', `${parameters.provider}, ${parameters.region}, ${parameters.zone}${place}`],
    ['addresses', `${addresses.cluster}, ${addresses.s3}, ${addresses.dashboard}`],
    ['capacity', `${formatBytes(parameters.capacityBytes)} declared`],
    ['disk', `${formatBytes(measured.freeBytes)} free for blobs, ${formatBytes(measured.usedBytes)} used by everything on it`],
    ['read', describeSpeed(parameters.declaredReadBytesPerSecond, measured.readBytesPerSecond, node.observed?.readBytesPerSecond)],
    ['write', describeSpeed(parameters.declaredWriteBytesPerSecond, measured.writeBytesPerSecond, node.observed?.writeBytesPerSecond)],
    [
      'holds',
      `${formatCount(measured.nameCount, 'name')}, ${formatCount(measured.blobCount, 'blob')} of ${formatBytes(measured.blobBytes)} in all`,
    ],
    ['replicas', describeReplicas(node.replicas)],
    [
      'rings',
      `weight ${node.weight}${node.inRings ? '' : ', not in the rings'}, epoch ${node.epoch}, list version ${node.membershipVersion}`,
    ],
    ['certificate', node.certificateExpiresAtMs === 0 ? '-' : `until ${formatTime(node.certificateExpiresAtMs)}`],
    ['software', node.softwareVersion ?? '-'],
    ...(node.healing === undefined ? [] : healingRows(node.healing)),
  ];
  return rows.map(([label, text]) => `${label.padEnd(12)}${visible(text)}`).join('\n');
}

function heldTables(held: { names: HeldName[]; blobs: HeldBlob[] }): string {
  const names = formatTable(
    ['RING', 'PARTITION', 'KIND', 'VERSION', 'SIZE', 'NAME'],
    held.names.map((name) => [
      name.ring,
      name.partition,
      name.deleted ? `${name.kind} (deleted)` : name.kind,
      name.version,
      name.size ?? '-',
      name.name,
    ]),
  );
  const blobs = formatTable(
    ['BLOB', 'SIZE'],
    held.blobs.map((blob) => [blob.id, blob.size]),
  );
  return `${formatCount(held.names.length, 'name')}\n${names}\n\n${formatCount(held.blobs.length, 'blob')}\n${blobs}`;
}
