import type { Command } from 'commander';
import type { HealingStatus, HealingView, PassedOver } from '../../contracts/healing.ts';
import { notObeyedBy } from '../../contracts/healing-obeyed.ts';
import { print, withAdmin, withAdminOptions, type AdminOptions } from '../cli/admin-command.ts';
import { CommandError } from '../cli/command-error.ts';
import { formatBytes, formatDuration, formatSpeed, formatTable, formatTime } from '../cli/format.ts';

/** `mcos healing status|pause|resume|scrub`. */
export function addHealingCommands(program: Command): void {
  const healing = program.command('healing').description('how the copies of all bytes are looked after');

  withAdminOptions(healing.command('status').description('progress, rates and estimates of every Cloud Service')).action(
    async (options: AdminOptions) => {
      await withAdmin(options, async (admin) => print(options, await admin.get<HealingView>('/healing'), healingTable));
    },
  );

  for (const [verb, what] of [
    ['pause', 'stop healing, scrubbing and sweeping until "resume", everywhere or on one Cloud Service'],
    ['resume', 'go on with it'],
  ] as const) {
    withAdminOptions(healing.command(`${verb} [name]`).description(what)).action(
      async (name: string | undefined, options: AdminOptions) => {
        await withAdmin(options, async (admin) => {
          if (name === undefined) {
            const view = await admin.send<HealingView>('POST', `/healing/${verb}`, {});
            print(options, view, healingTable);
            failUnlessAll(view, verb);
          } else print(options, await admin.send<HealingStatus>('POST', `${pathOf(name)}/${verb}`, {}), describeHealing);
        });
      },
    );
  }

  withAdminOptions(
    healing.command('scrub <name>').description('read all blobs of one Cloud Service again now, and heal what is bad'),
  ).action(async (name: string, options: AdminOptions) => {
    await withAdmin(options, async (admin) =>
      print(options, await admin.send<HealingStatus>('POST', `${pathOf(name)}/scrub`, {}), describeHealing),
    );
  });
}

function pathOf(name: string): string {
  return `/nodes/${encodeURIComponent(name)}/healing`;
}

/** Throws when somebody is not as was asked, naming them: a script must not take it for done. */
export function failUnlessAll(view: HealingView, verb: 'pause' | 'resume'): void {
  const missed = notObeyedBy(view, verb);
  if (missed.length === 0) return;
  const total = view.nodes.length;
  throw new CommandError(
    'Unreachable',
    `Healing is ${verb}d on ${total - missed.length} of ${total} Cloud Services; not on ${missed.join(', ')}. Say it again when they answer.`,
  );
}

function healingTable(view: HealingView): string {
  const passedOver = view.nodes.flatMap(({ name, status }) =>
    (status?.healer.passedOver ?? []).map((one) => `${name} passes over the ${describePassedOver(one)}`),
  );
  return [tableOf(view), ...passedOver].join('\n');
}

function describePassedOver({ what, name, reason }: PassedOver): string {
  return `${what} "${name}": ${reason}`;
}

function tableOf(view: HealingView): string {
  return formatTable(
    ['NAME', 'HEALING', 'DONE', 'MISSING', 'RESTORED', 'FAILED', 'UNREADABLE', 'RATE', 'LEFT', 'SCRUB', 'DAMAGED', 'SWEPT'],
    view.nodes.map(({ name, status }) => {
      if (status === null) return [name, 'no answer', ...Array<string>(10).fill('-')];
      const { healer, scrub, totals } = status;
      return [
        name,
        status.paused ? 'paused' : healer.state,
        `${healer.partitionsDone}/${healer.partitions}`,
        healer.copiesMissing,
        healer.copiesRestored,
        healer.copiesFailed,
        healer.unreadable,
        formatSpeed(healer.bytesPerSecond),
        formatDuration(healer.secondsLeft),
        scrub.state === 'running' ? `${Math.floor(scrub.done * 100)} %` : formatTime(scrub.lastCompletedAtMs),
        totals.damaged,
        totals.swept,
      ];
    }),
  );
}

export function describeHealing(status: HealingStatus): string {
  return healingRows(status)
    .map(([label, text]) => `${label.padEnd(12)}${text}`)
    .join('\n');
}

/** The lines of one Cloud Service, for `node show` as well. */
export function healingRows({ paused, healer, scrub, sweep, totals }: HealingStatus): [string, string][] {
  const walk =
    healer.state === 'running'
      ? `${healer.partitionsDone} of ${healer.partitions} partitions, ${formatSpeed(healer.bytesPerSecond)}, ${formatDuration(healer.secondsLeft)} left`
      : `last walk ended ${formatTime(healer.lastEndedAtMs)}`;
  const scrubbing =
    scrub.state === 'running'
      ? `${Math.floor(scrub.done * 100)} %, ${formatSpeed(scrub.bytesPerSecond)}, ${formatDuration(scrub.secondsLeft)} left`
      : `last round ended ${formatTime(scrub.lastCompletedAtMs)}`;
  return [
    ['healing', `${paused ? 'paused' : healer.state}, ${walk}`],
    [
      'copies',
      `${healer.copiesMissing} missing, ${healer.copiesRestored} restored (${formatBytes(healer.bytesRestored)}), ${healer.copiesFailed} failed, ${healer.unreadable} blobs unreadable in this walk; ${totals.copiesRestored} restored in all`,
    ],
    ...(healer.passedOver ?? []).map((one): [string, string] => ['passed over', describePassedOver(one)]),
    ['scrub', `${scrubbing}; ${scrub.blobsChecked} blobs read, ${totals.damaged} damaged in all`],
    ['sweep', `${sweep.state}, last ended ${formatTime(sweep.lastEndedAtMs)}; ${totals.swept} blobs removed in all`],
  ];
}
