import { mostPassedOver, type HealerStatus, type PassedOver } from './healing.ts';

/** What a healer cannot do, as far as is known. */
export interface Unhealed {
  readonly copiesFailed: number;
  readonly unreadable: number;
  readonly passedOver: readonly PassedOver[];
}

/**
 * What the walk under way has met, or the one before it as long as this one may not have come to it again: a walk counts
 * from 0, and what is wrong must not seem to be mended whenever one begins. Pure.
 */
export function unhealedOf({ copiesFailed, unreadable, passedOver = [], lastWalk }: HealerStatus): Unhealed {
  const before = lastWalk ?? { copiesFailed: 0, unreadable: 0 };
  const isNew = ({ what, name }: PassedOver): boolean => !passedOver.some((one) => one.what === what && one.name === name);
  return {
    copiesFailed: Math.max(copiesFailed, before.copiesFailed),
    unreadable: Math.max(unreadable, before.unreadable),
    passedOver: [...passedOver, ...(before.passedOver ?? []).filter(isNew)].slice(0, mostPassedOver),
  };
}

/** How many could not be made again beside those that are named as passed over: these are counted as failed, too. Pure. */
export function failedBeside({ copiesFailed, passedOver }: Unhealed): number {
  return Math.max(0, copiesFailed - passedOver.length);
}
