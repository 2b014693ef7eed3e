import { Option, type Command } from 'commander';
import type { HealingSettings } from '../../cloud-service/healing/healing-settings.ts';
import { parseDuration, parseSpeed } from './parse-values.ts';

/** Times and rates of healing, as given on the command line or by the environment. */
export interface HealingFlags {
  readonly healAfter?: string;
  readonly takeOverAfter?: string;
  readonly healEvery?: string;
  readonly verifyEvery?: string;
  readonly sweepAfter?: string;
  readonly sweepEvery?: string;
  readonly scrubPeriod?: string;
  readonly healRate?: string;
  readonly scrubRate?: string;
}

const flags = [
  ['--heal-after <time>', 'a node away for so long counts as gone (10m)', 'MCOS_HEAL_AFTER'],
  ['--take-over-after <time>', 'another replica heals when the first was away for so long (60s)', 'MCOS_TAKE_OVER_AFTER'],
  ['--heal-every <time>', 'all names are looked through so often (10m)', 'MCOS_HEAL_EVERY'],
  ['--verify-every <time>', 'every copy is asked for at its node so often (24h)', 'MCOS_VERIFY_EVERY'],
  ['--sweep-after <time>', 'bytes that nothing refers to stay for so long (24h)', 'MCOS_SWEEP_AFTER'],
  ['--sweep-every <time>', 'and are looked for so often (6h)', 'MCOS_SWEEP_EVERY'],
  ['--scrub-period <time>', 'every blob is read again within this time (30d)', 'MCOS_SCRUB_PERIOD'],
  ['--heal-rate <speed>', 'limit for restoring copies (64MiB/s)', 'MCOS_HEAL_RATE'],
  ['--scrub-rate <speed>', 'limit for reading blobs again (128MiB/s)', 'MCOS_SCRUB_RATE'],
] as const;

export function addHealingFlags(command: Command): Command {
  for (const [flag, description, variable] of flags) command.addOption(new Option(flag, description).env(variable));
  return command;
}

export function healingSettings(values: HealingFlags): Partial<HealingSettings> {
  const time = <K extends keyof HealingSettings>(name: K, text: string | undefined, flag: string): Partial<HealingSettings> =>
    text === undefined ? {} : { [name]: parseDuration(text, flag) };
  const speed = <K extends keyof HealingSettings>(name: K, text: string | undefined, flag: string): Partial<HealingSettings> =>
    text === undefined ? {} : { [name]: parseSpeed(text, flag) };
  return {
    ...time('downAfterMs', values.healAfter, '--heal-after'),
    ...time('takeOverAfterMs', values.takeOverAfter, '--take-over-after'),
    ...time('healEveryMs', values.healEvery, '--heal-every'),
    ...time('verifyEveryMs', values.verifyEvery, '--verify-every'),
    ...time('sweepAfterMs', values.sweepAfter, '--sweep-after'),
    ...time('sweepEveryMs', values.sweepEvery, '--sweep-every'),
    ...time('scrubPeriodMs', values.scrubPeriod, '--scrub-period'),
    ...speed('healBytesPerSecond', values.healRate, '--heal-rate'),
    ...speed('scrubBytesPerSecond', values.scrubRate, '--scrub-rate'),
  };
}
