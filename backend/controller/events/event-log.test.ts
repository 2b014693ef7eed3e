import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../base/logger.ts';
import { eventText, refusedEvent } from '../../contracts/event-texts.ts';
import { refusalSentence } from '../../contracts/refusal-texts.ts';
import { ringFailureSentence, ringPartSentence } from '../../contracts/ring-texts.ts';
import type { Sentence } from '../../contracts/spoken.ts';
import { createManualClock } from '../testing/manual-clock.ts';
import { createMemoryDocumentStore } from '../testing/memory-document-store.ts';
import { openEventLog, type NewEvent } from './event-log.ts';

/** As kept of one event. */
function kept(event: NewEvent) {
  const log = openEventLog({ clock: createManualClock(), documents: createMemoryDocumentStore(), logger: silentLogger });
  log.append(event);
  log.stop();
  const [view] = log.after(0, 1);
  if (view === undefined) throw new Error('the event is not kept');
  return view;
}

const own = { severity: 'warning', subject: null } as const;
const refused = refusalSentence('isDrained', { name: 'n1' });
/** What a node may say that means ill: many parts, each as long as it may be. */
const wide: Sentence = { ...refused, sentenceParts: Array<Sentence>(1_000).fill({ ...refused, sentence: 'x'.repeat(2_000) }) };

describe('what is kept of an event', () => {
  it('is all of it where it says no more than it should', () => {
    const said = eventText('tokenRefused', { name: 'n1', reason: ringPartSentence('said', { name: 'n2', reason: refused }) });
    expect(kept({ ...said, ...own })).toMatchObject({ ...said });
  });

  it('is little of what another process says at great length, and the rest as it was', () => {
    const parts = [
      ringPartSentence('said', { name: 'n1', reason: wide }),
      ringPartSentence('said', { name: 'n2', reason: refused }),
    ] as const;
    const spoken = ringFailureSentence('notAllConfirmed', {}, ...parts);
    const view = kept({ ...refusedEvent({ message: spoken.sentence, spoken }), ...own });
    expect(JSON.stringify(view).length).toBeLessThan(40_000);
    expect(view).toMatchObject({ message: spoken.sentence, sentenceKey: 'ringFailure.notAllConfirmed' });
    expect(view.sentenceParts?.[1]).toEqual(parts[1]);
  });

  it('is the English alone where nothing shorter would be true', () => {
    const view = kept({ ...eventText('ringsRefused', { reason: 'R' }), sentenceParts: wide.sentenceParts ?? [], ...own });
    expect(view).toMatchObject({ message: 'R', kind: 'rings.refused' });
    expect(view.sentenceKey).toBeUndefined();
    expect(view.sentenceValues).toBeUndefined();
    expect(view.sentenceParts).toBeUndefined();
  });
});
