import { expect, it } from 'vitest';
import { createSystemRandom } from '../../adapters/system/system-random.ts';
import { success } from '../../base/outcome.ts';
import type { NodeRecord } from '../registry/node-record.ts';
import type { Registry } from '../registry/registry.ts';
import { createNodeCalls } from './node-calls.ts';

it('asks nobody that refuses to serve on behalf of an administrator, though it answers', async () => {
  const records = ['a', 'b', 'c'].map((id) => ({ entry: { id, state: 'healthy', addresses: { cluster: id } } }) as NodeRecord);
  const asked: string[] = [];
  const calls = createNodeCalls({
    registry: { records: () => records } as unknown as Registry,
    rpc: {
      call: ({ url }) => {
        asked.push(url);
        return Promise.resolve(success({}));
      },
    },
    random: createSystemRandom(),
    refuses: (id) => id !== 'b',
  });
  for (let turn = 0; turn < 20; turn++) await calls.callAny('show-user', {});
  expect(new Set(asked)).toEqual(new Set(['b']));
});
