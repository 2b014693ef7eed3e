import { expect, it } from 'vitest';
import { eventText } from './event-texts.ts';

it('an event says the same in English as by key and values, whatever its names have in them', () => {
  expect(eventText('bucketCreated', { actor: '$& {name}', name: 'photos {actor} $1' })).toEqual({
    kind: 'bucket.created',
    message: '$& {name} created the bucket photos {actor} $1.',
    sentenceKey: 'events.bucketCreated',
    sentenceValues: { actor: '$& {name}', name: 'photos {actor} $1' },
  });
});

it('sizes and speeds of an event have units, counts have none', () => {
  const finished = eventText('healingFinished', { name: 'n0', copies: 12_345, bytes: 1536 });
  expect(finished.message).toBe('n0 has restored 12345 copies (1.5 KiB).');
  expect(finished.sentenceValues).toEqual({ name: 'n0', copies: 12_345, bytes: 1536 });
  const drift = eventText('readSpeedMeasured', { name: 'n0', declaredBytesPerSecond: 100 << 20, actualBytesPerSecond: 2 << 20 });
  expect(drift.message).toBe('n0 declares a read speed of 105 MB/s; 2.1 MB/s were measured.');
});

it('an event carries the sentences that it is made of', () => {
  const evidence = { sentence: 'answers the Controller', sentenceKey: 'evidence.answers', sentenceValues: {} };
  expect(eventText('nodeIsHealthy', { name: 'han-1' }, evidence)).toMatchObject({
    message: 'han-1 is healthy: answers the Controller.',
    sentenceParts: [evidence],
  });
});
