import type { HealingView } from './healing.ts';

/** Who is not as was asked after pausing or resuming healing on all: it did not answer, or answered otherwise. Names, in the order of the list. Pure. */
export function notObeyedBy({ nodes }: HealingView, verb: 'pause' | 'resume'): readonly string[] {
  return nodes.filter(({ status }) => status?.paused !== (verb === 'pause')).map(({ name }) => name);
}
