import { expect, it } from 'vitest';
import { createSSRApp } from 'vue';
import { renderToString } from 'vue/server-renderer';
import { createI18n } from 'vue-i18n';
import { callSentence } from '../../backend/contracts/call-texts.ts';
import { errorBodyOf } from '../../backend/contracts/error-body.ts';
import { failure, spokenFailure } from '../../backend/contracts/errors.ts';
import { nameRefusalSentence, unknownOutcomeSentence } from '../../backend/contracts/name-refusal-texts.ts';
import { passedOn } from '../../backend/contracts/passed-on.ts';
import { en } from '../console/messages/en.ts';
import { vi } from '../console/messages/vi.ts';
import { vi as dashboardVietnamese } from '../dashboard/messages/vi.ts';
import { ApiError } from './api-client.ts';
import { useProblemText, type ProblemText } from './problem-text.ts';
import type { Texts } from './texts.ts';

it('what is no sentence, or an endless one, is not taken over from the answer', () => {
  const spoken = { sentence: 'S.', sentenceKey: 'refusal.isDrained', sentenceValues: { name: 'n1' } };
  const of = (told: unknown) => new ApiError('Conflict', 'S.', 409, { spoken: told as typeof spoken }).spoken;
  expect(of(spoken)).toEqual(spoken);
  expect(of({ ...spoken, sentenceParts: 'x' })).toBeUndefined();
  expect(of({ ...spoken, sentenceParts: Array(100).fill(spoken) })).toBeUndefined();
});

const problemOf = (problem: Parameters<typeof errorBodyOf>[0]): ApiError =>
  new ApiError(problem.code, problem.message, 409, errorBodyOf(problem).error);

async function textOf(problem: ApiError, locale: 'en' | 'vi' = 'vi', vietnamese: Texts = vi): Promise<ProblemText> {
  let text: ProblemText | undefined;
  const setup = (): (() => null) => {
    text = useProblemText()(problem);
    return () => null;
  };
  const messages = { en, vi: vietnamese } as unknown as Record<string, Record<string, string>>;
  await renderToString(
    createSSRApp({ setup }).use(createI18n({ legacy: false, locale, fallbackLocale: 'en', messages, missingWarn: false })),
  );
  if (text === undefined) throw new Error('nothing was rendered');
  return text;
}

const taken = spokenFailure('Conflict', nameRefusalSentence('userExists', { name: 'lan' }));

it.each([
  ['the console', vi],
  ['the dashboard', dashboardVietnamese],
])('what went wrong is said alone and whole in the language of the page, with its values: %s', async (_page, texts) => {
  expect(await textOf(problemOf(taken), 'vi', texts)).toEqual({
    parts: [{ text: 'Đã có người dùng "lan". Hãy chọn tên khác.', lang: undefined }],
    original: null,
  });
});

it('in English it is what the API says', async () => {
  expect(await textOf(problemOf(taken), 'en')).toEqual({
    parts: [{ text: 'The user "lan" exists already. Choose another name.', lang: 'en' }],
    original: null,
  });
});

it('without a text of its own, or with one of a newer release, the meaning of the code stands first, and what the API says below', async () => {
  const unspoken = problemOf(failure('Conflict', 'The part "7" was sent again.'));
  const meaning = { text: 'Đã có sẵn, đang bận, hoặc vừa được thay đổi.', lang: undefined };
  expect(await textOf(unspoken)).toEqual({ parts: [meaning], original: 'The part "7" was sent again.' });
  const newer = { ...taken, spoken: { ...nameRefusalSentence('userExists', { name: 'lan' }), sentenceKey: 'nameRefusal.ofTheFuture' } };
  expect(await textOf(problemOf(newer))).toEqual({ parts: [meaning], original: taken.message });
});

it('a code that says all is not followed by English, and one that nobody knows is said in English', async () => {
  expect((await textOf(problemOf(failure('Busy', 'Too many of "x".')))).original).toBeNull();
  expect(await textOf(new ApiError('Future', 'Something new.', 400))).toEqual({
    parts: [{ text: 'Something new.', lang: 'en' }],
    original: null,
  });
});

it('a failure within another is translated, and marked as English where it has no text', async () => {
  const reason = (within: Parameters<typeof passedOn>[0]) =>
    problemOf(spokenFailure('OutcomeUnknown', nameRefusalSentence('bucketMayBeDeleted', { name: 'anh' }, passedOn(within))));
  const silent = { message: '', spoken: nameRefusalSentence('silentMajority', {}) };
  expect((await textOf(reason(silent))).parts).toEqual([
    {
      text: 'Bucket "anh" có thể đã hoặc chưa bị xóa. Chưa đủ đa số bản sao của tên này tham gia được (chúng không trả lời); không có gì bị thay đổi. Hãy thử lại. Hãy xem nó còn không, hoặc xóa lại.',
      lang: undefined,
    },
  ]);
  expect((await textOf(reason({ message: 'It is not known' }))).parts).toEqual([
    { text: 'Bucket "anh" có thể đã hoặc chưa bị xóa. ', lang: undefined },
    { text: 'It is not known', lang: 'en' },
    { text: ' Hãy xem nó còn không, hoặc xóa lại.', lang: undefined },
  ]);
  const deep = { message: 'It is not known', spoken: nameRefusalSentence('outcomeUnknown', {}, unknownOutcomeSentence('purged', {})) };
  expect((await textOf(reason(deep))).parts).toEqual([
    {
      text: 'Bucket "anh" có thể đã hoặc chưa bị xóa. Thay đổi có thể đã hoặc chưa có hiệu lực (từ đó các tên đã xóa đã bị dọn đi). Hãy đọc lại tên này, hoặc thử lại. Hãy xem nó còn không, hoặc xóa lại.',
      lang: undefined,
    },
  ]);
});

it('what somebody else said is marked as English within', async () => {
  const silent = spokenFailure('Unreachable', callSentence('unreachable', { where: 'https://n1', method: 'status', reason: 'refused' }));
  expect((await textOf(problemOf(silent))).parts).toEqual([
    { text: 'Không tới được https://n1 để gọi status: ', lang: undefined },
    { text: 'refused', lang: 'en' },
    { text: '.', lang: undefined },
  ]);
});
