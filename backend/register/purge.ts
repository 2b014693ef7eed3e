import type { Ballot } from './ballot.ts';
import { compareBallots, zeroBallot } from './ballot.ts';
import type { PurgeResult } from './register-client.ts';
import type { RegisterKey } from './register-store.ts';
import type { RegisterView } from './register-view.ts';
import type { NodeReply, ReplicaCalls } from './replica-calls.ts';
import { openAttempt } from './replica-calls.ts';

/**
 * Deletes a tombstone everywhere, if every replica of the active epoch holds exactly it. A replica
 * that was away, and might still hold what the tombstone replaced, thereby keeps it alive.
 *
 * This node's own row goes last: as long as another replica keeps the tombstone, the next walk over the
 * own rows finds it again. Gone here and kept there, it would be nobody's.
 */
export async function runPurge(deps: { view: RegisterView; calls: ReplicaCalls }, key: RegisterKey): Promise<PurgeResult> {
  const attempt = openAttempt(deps.view, key.ring, key.hash);
  if (attempt === null || attempt.regime.phase !== 'active' || attempt.groups.length !== 1) return 'not-now';
  const held = agreedBallot(await askAll(attempt.nodes, deps.calls.toEach(attempt, { kind: 'read', key, wantValue: false })));
  if (held === null) return 'not-now';
  if (held === 'differs') return 'differs';
  const ask = deps.calls.toEach(attempt, { kind: 'purge', key, ballot: held });
  const { selfId } = deps.view;
  for (const nodes of [attempt.nodes.filter((node) => node !== selfId), attempt.nodes.filter((node) => node === selfId)]) {
    const replies = await askAll(nodes, ask);
    if (replies.every((reply) => reply.kind === 'purged')) continue;
    // What is gone at one replica only comes back with the rewriting, and goes with the next purge.
    return replies.every((reply) => reply.kind === 'purged' || reply.kind === 'kept') ? 'differs' : 'not-now';
  }
  return 'purged';
}

async function askAll(nodes: readonly string[], ask: (node: string) => NodeReply | Promise<NodeReply>): Promise<readonly NodeReply[]> {
  return Promise.all(nodes.map((node) => ask(node)));
}

/** The ballot that all replicas report; null when one did not answer. */
function agreedBallot(replies: readonly NodeReply[]): Ballot | 'differs' | null {
  let held: Ballot | undefined;
  let differs = false;
  for (const reply of replies) {
    if (reply.kind !== 'value') return null;
    held ??= reply.accepted;
    if (compareBallots(held, reply.accepted) !== 0) differs = true;
  }
  return held === undefined || differs || compareBallots(held, zeroBallot) === 0 ? 'differs' : held;
}
