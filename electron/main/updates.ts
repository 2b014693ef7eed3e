import { Value } from 'typebox/value';
import { failed, success, type Outcome } from '../../backend/base/outcome.ts';
import { UpdateView } from '../../backend/contracts/desktop-ipc.ts';
import { spokenFailure } from '../../backend/contracts/errors.ts';
import { desktopRefusalSentence } from '../../backend/contracts/desktop-refusal-texts.ts';

const timeoutMs = 10_000;
const largestAnswer = 64 << 10;

/**
 * Asks the feed that the admin has named for the newest version: `{"version":"1.2.3","page":"https://…"}`. Nothing
 * is fetched or installed; a newer version is told, and its page can be opened.
 */
export async function lookForUpdate(feed: string | null, version: string, get: typeof fetch = fetch): Promise<Outcome<UpdateView>> {
  if (feed === null) return failed(spokenFailure('InvalidArgument', desktopRefusalSentence('noFeed', {})));
  const unusable = (reason: string) => failed(spokenFailure('Unreachable', desktopRefusalSentence('oddFeed', { feed, reason })));
  try {
    const answer = await get(feed, { signal: AbortSignal.timeout(timeoutMs), redirect: 'error', credentials: 'omit' });
    if (!answer.ok) return unusable(`status ${answer.status}`);
    const text = await answer.text();
    if (text.length > largestAnswer) return unusable('its answer is too long');
    const told: unknown = JSON.parse(text);
    if (told === null || !Value.Check(UpdateView, told)) return unusable('its answer has another form');
    return success(isNewer(told.version, version) ? told : null);
  } catch (error) {
    return unusable(error instanceof Error ? error.message : String(error));
  }
}

/** By the numbers between the dots; whatever follows them does not count. */
export function isNewer(candidate: string, present: string): boolean {
  const numbers = (version: string): number[] => (/^v?(\d+(?:\.\d+)*)/.exec(version)?.[1] ?? '0').split('.').map(Number);
  const [left, right] = [numbers(candidate), numbers(present)];
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return false;
}
