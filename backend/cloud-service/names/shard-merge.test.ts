import { expect, it } from 'vitest';
import { utf8 } from '../../base/bytes.ts';
import { failed, success } from '../../base/outcome.ts';
import { failure } from '../../contracts/errors.ts';
import type { ListedRegister, RegisterClient } from '../../register/register-client.ts';
import { mergeShards } from './shard-merge.ts';

const row = (name: string): ListedRegister => ({ key: utf8(name), version: 1, state: utf8(name) });

/** Shard 1 answers in pages of two; shard 2 answers `good` times and has no majority afterwards. */
function registersThatLose(good: number): RegisterClient {
  let asked = 0;
  const list: RegisterClient['list'] = async ({ hash, from }) => {
    if (hash === 2 && asked++ >= good) return failed(failure('QuorumUnavailable', 'no majority'));
    const names = (hash === 1 ? ['a', 'c', 'e', 'g'] : ['b', 'd', 'f', 'h']).filter((name) => Buffer.compare(utf8(name), from) >= 0);
    const rows = names.slice(0, 2).map(row);
    return success({ rows, more: names.length > 2, lastKey: rows.at(-1)?.key ?? null });
  };
  return { list } as RegisterClient;
}

it('fails as a whole when one shard has no majority, whatever the others answered', async () => {
  const range = { from: utf8('a'), to: undefined, limit: 100, fence: { kind: 'within', generation: 1 } } as const;
  const whole = await mergeShards(registersThatLose(99), [1, 2], range);
  expect(whole.ok && whole.value.rows).toHaveLength(8);
  for (const good of [0, 1]) expect(await mergeShards(registersThatLose(good), [1, 2], range)).toMatchObject({ ok: false });
});
