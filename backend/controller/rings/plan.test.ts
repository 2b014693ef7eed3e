import { expect, it } from 'vitest';
import { planRings, type ListedNode, type PlanInput } from './plan.ts';

it('counts the nodes that are not named where too few are healthy', () => {
  const nodes = Array.from(
    { length: 1_000 },
    (_, index) => ({ entry: { parameters: { name: `n${index}` }, state: 'down' }, answers: false, refusal: null }) as unknown as ListedNode,
  );
  const planned = planRings({ nodes } as unknown as PlanInput);
  expect(planned).toMatchObject({ ok: false, failure: { code: 'TooFewNodes' } });
  if (!planned.ok) expect(planned.failure.message).toContain('n3: it is down, n4: it is down, and 995 more). Add nodes');
});
