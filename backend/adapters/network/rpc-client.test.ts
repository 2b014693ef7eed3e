import { describe, expect, it } from 'vitest';
import { errorBodyOf } from '../../contracts/error-body.ts';
import { spokenFailure } from '../../contracts/errors.ts';
import { isSentence } from '../../contracts/is-sentence.ts';
import { refusalSentence } from '../../contracts/refusal-texts.ts';
import { ringFailureSentence, ringPartSentence } from '../../contracts/ring-texts.ts';
import { failureOf } from './rpc-client.ts';

const spoken = refusalSentence('isDrained', { name: 'n1' });

describe('the failure that another process answers', () => {
  it('is taken over with its translations', () => {
    const failure = spokenFailure('Conflict', spoken);
    expect(failureOf(JSON.parse(JSON.stringify(errorBodyOf(failure))))).toEqual(failure);
  });

  it('is English alone where it says more than anybody of us would, and its message has an end', () => {
    const error = { code: 'Conflict', message: 'x'.repeat(5_000), spoken: { ...spoken, sentenceParts: Array(1_000).fill(spoken) } };
    const failure = failureOf({ error });
    expect(failure?.spoken).toBeUndefined();
    expect(failure?.message).toBe(`${'x'.repeat(1_999)}…`);
    const endless = { ...spoken, sentenceValues: { nodes: 1e300 * 1e300 } };
    expect(failureOf({ error: { ...error, spoken: endless } })?.spoken).toBeUndefined();
  });

  it('is never too long for another one where it is ours', () => {
    const reason = { ...spoken, sentenceParts: Array<typeof spoken>(60).fill(spoken) };
    const parts = ['n1', 'n2', 'n3'].map((name) => ringPartSentence('said', { name, reason })) as [typeof spoken];
    const failure = spokenFailure('Unreachable', ringFailureSentence('notAllConfirmed', {}, ...parts));
    expect(isSentence(failure.spoken)).toBe(true);
    expect(failureOf(errorBodyOf(failure))?.spoken).toMatchObject({ sentenceKey: 'ringFailure.notAllConfirmed' });
  });
});
