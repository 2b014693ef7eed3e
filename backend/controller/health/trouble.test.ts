import { expect, it } from 'vitest';
import { servingSentence } from '../../contracts/serving-texts.ts';
import { refusalOf } from './trouble.ts';

const said = servingSentence('putBack', { by: 'n2', told: '7', mark: '5' });

it('why a node refuses is kept with what it is made of, for translations', () => {
  const status = { serving: 'fenced' as const, servingReason: said.sentence, servingSpoken: said };
  expect(refusalOf(status)).toEqual({ kind: 'fenced', reason: said });
});

it('a node of an earlier release says it in English alone', () => {
  const reason = { sentence: 'The disk has failed.', sentenceKey: '', sentenceValues: {} };
  expect(refusalOf({ serving: 'read-only', servingReason: reason.sentence })).toEqual({ kind: 'read-only', reason });
});

it('one that gives no reason is said not to, and one that waits or serves refuses nothing', () => {
  expect(refusalOf({ serving: 'fenced' })?.reason).toEqual(servingSentence('unsaid', {}));
  for (const serving of ['serving', 'waiting-for-rings', 'waiting-for-boot-record'] as const) expect(refusalOf({ serving })).toBeNull();
});
