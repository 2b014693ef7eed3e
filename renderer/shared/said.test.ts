import { expect, it } from 'vitest';
import { createSSRApp } from 'vue';
import { renderToString } from 'vue/server-renderer';
import { createI18n } from 'vue-i18n';
import { callSentence } from '../../backend/contracts/call-texts.ts';
import { drainStateSentence, removalSentence } from '../../backend/contracts/drain-texts.ts';
import { eventText } from '../../backend/contracts/event-texts.ts';
import { ringPartSentence } from '../../backend/contracts/ring-texts.ts';
import { servingSentence } from '../../backend/contracts/serving-texts.ts';
import { storageSentence } from '../../backend/contracts/storage-texts.ts';
import { systemReason } from '../../backend/contracts/system-texts.ts';
import { en } from '../console/messages/en.ts';
import { vi } from '../console/messages/vi.ts';
import { useEventText, useSaid, type SaidPart } from './said.ts';

type Event = Parameters<ReturnType<typeof useEventText>>[0];

const said = (locale: 'en' | 'vi', event: Event): Promise<readonly SaidPart[]> => partsOf(locale, () => useEventText()(event));

async function partsOf(locale: 'en' | 'vi', say: () => readonly SaidPart[]): Promise<readonly SaidPart[]> {
  let parts: readonly SaidPart[] = [];
  const setup = (): (() => null) => {
    parts = say();
    return () => null;
  };
  const messages = { en, vi } as unknown as Record<string, Record<string, string>>;
  await renderToString(createSSRApp({ setup }).use(createI18n({ legacy: false, locale, messages })));
  return parts;
}
const created = eventText('bucketCreated', { actor: 'admin', name: 'demo-bucket' });

it('an event is told in the language of the page', async () => {
  expect(await said('vi', created)).toEqual([{ text: 'admin đã tạo bucket demo-bucket.', lang: undefined }]);
  expect(await said('en', created)).toEqual([{ text: 'admin created the bucket demo-bucket.', lang: 'en' }]);
});

it('an event of a release that did not say what it is made of, or of one that says more than this, is shown as it came', async () => {
  const { message } = created;
  expect(await said('vi', { message })).toEqual([{ text: message, lang: 'en' }]);
  expect(await said('vi', { ...created, sentenceKey: 'events.ofTheFuture' })).toEqual([{ text: message, lang: 'en' }]);
});

it('sizes and counts of an event are written as the language writes them', async () => {
  const finished = eventText('healingFinished', { name: 'n0', copies: 12_345, bytes: 1536 });
  expect(await said('vi', finished)).toEqual([{ text: 'n0 đã khôi phục 12.345 bản sao (1,5 KiB).', lang: undefined }]);
});

it('percentages beside names are written as the language writes them, and names stay as they are', async () => {
  const warning = {
    sentence: '',
    sentenceKey: 'plan.crowdedZones',
    sentenceValues: { count: 1, names: 'v1.5 25.0 % → 33.3 %', needed: 3 },
  };
  const [part] = await partsOf('vi', () => useSaid()(warning));
  expect(part?.text).toContain('v1.5 25,0 % → 33,3 %');
});

it('the evidence of a state is told in the language of the page as well', async () => {
  const evidence = { sentence: 'never answered the Controller', sentenceKey: 'evidence.never.alone', sentenceValues: {} };
  const [part] = await said('vi', eventText('nodeIsDown', { name: 'han-1' }, evidence));
  expect(part).toEqual({ text: 'han-1 đã ngừng: chưa từng trả lời Controller.', lang: undefined });
});

it('what somebody else said is marked as English within', async () => {
  expect(await said('vi', eventText('tokenRefused', { name: 'han-9', reason: 'The join token has expired.' }))).toEqual([
    { text: 'han-9 không được cho vào: ', lang: undefined },
    { text: 'The join token has expired.', lang: 'en' },
  ]);
  const leftOut = (sentenceKey: string) => ({
    sentence: 'n5 is down (no answer) and is left out.',
    sentenceKey,
    sentenceValues: { name: 'n5', reason: 'no answer' },
  });
  expect(await said('vi', eventText('ringsAttemptWithdrawn', { attempt: '1' }, leftOut('rings.leftOut.down')))).toEqual([
    { text: 'Lần thử 1 tạo các vòng đã bị rút lại: n5 đã ngừng (', lang: undefined },
    { text: 'no answer', lang: 'en' },
    { text: ') và bị bỏ ra; từ nay chứng chỉ của nó bị từ chối.', lang: undefined },
  ]);
  expect(await said('vi', eventText('ringsAttemptWithdrawn', { attempt: '1' }, leftOut('rings.leftOut.ofTheFuture')))).toEqual([
    { text: 'Lần thử 1 tạo các vòng đã bị rút lại: ', lang: undefined },
    { text: 'n5 is down (no answer) and is left out.', lang: 'en' },
  ]);
});

it('any number of English reasons stands in one text, each where it belongs', async () => {
  const reasons = Array.from({ length: 300 }, (_, index) => `reason ${index}`);
  const parts = reasons.map((reason) => ringPartSentence('said', { name: 'n', reason }));
  const whole = { ...ringPartSentence('several', {}, ...(parts as [(typeof parts)[number]])) };
  const told = await partsOf('vi', () => useSaid()(whole));
  expect(told.filter(({ lang }) => lang === 'en').map(({ text }) => text)).toEqual(reasons);
  expect(told.map(({ text }) => text).join('')).toBe(reasons.map((reason) => `n: ${reason}`).join('; '));
});

it('the signs that stand for English within are never shown, whoever sends them', async () => {
  const name = 'a\uE000b\uE001c\uE0000\uE001';
  const told = await said('vi', eventText('tokenRefused', { name, reason: `first \uE0001\uE001` }));
  expect(told.map(({ text }) => text).join('')).toBe('a\uFFFDb\uFFFDc\uFFFD0\uFFFD không được cho vào: first \uFFFD1\uFFFD');
  expect(told.filter(({ lang }) => lang === 'en')).toHaveLength(1);
});

it('a reason that has a text of its own is told in the language of the page, however deep it stands', async () => {
  const refused = callSentence('notListed', { id: 'n5' });
  const told = ringPartSentence('said', { name: 'han-1', reason: refused });
  expect(await said('vi', eventText('tokenRefused', { name: 'han-9', reason: told }))).toEqual([
    { text: 'han-9 không được cho vào: han-1: Nút n5 không có trong danh sách.', lang: undefined },
  ]);
});

it('why a node serves nobody is told through to its disk; what the system says stays as it is, to be looked up', async () => {
  const full = systemReason('EIO: i/o error, fsync', 'EIO');
  const blobs = storageSentence('blobsFailed', { directory: '/data', reason: storageSentence('syncOfBlob', { reason: full }) });
  const event = eventText('nodeServesNobody', { name: 'han-1', reason: servingSentence('diskFailed', { reason: blobs }) });
  expect(await said('vi', event)).toEqual([
    {
      text: 'han-1 không phục vụ ai: Ổ đĩa của nút này bị lỗi: Kho blob ở /data bị lỗi: fsync một blob: ổ đĩa không đọc hoặc ghi được (',
      lang: undefined,
    },
    { text: 'EIO: i/o error, fsync', lang: 'en' },
    { text: ')', lang: undefined },
  ]);
});

it('why a node may not be removed is told in the language of the page, with what is within it', async () => {
  const reason = removalSentence('drainNotFinished', { name: 'han-1' }, drainStateSentence('paused', {}));
  expect(reason.sentence).toBe('Its drain is not finished (paused): wait for it, see "mcos node drain han-1 --status".');
  expect(await partsOf('vi', () => useSaid()(reason))).toEqual([
    { text: 'Việc rút nó chưa xong (tạm dừng): hãy đợi, xem "mcos node drain han-1 --status".', lang: undefined },
  ]);
  const named = removalSentence('copiesNamed', { blobs: 1234, bytes: 1536 });
  expect(named.sentence).toBe('1234 copies with 1.5 KiB on it are named by records: they are made again elsewhere first.');
  expect((await partsOf('vi', () => useSaid()(named)))[0]?.text).toContain('1.234 bản sao với 1,5 KiB');
  expect(await partsOf('vi', () => useSaid()({ sentence: named.sentence }))).toEqual([{ text: named.sentence, lang: 'en' }]);
});
