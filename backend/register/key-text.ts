import type { RingName } from '../contracts/ids.ts';
import type { RegisterKey } from './register-store.ts';

const ringNumbers: Readonly<Record<RingName, number>> = { account: 0, container: 1, object: 2 };
const ringsByNumber: readonly RingName[] = ['account', 'container', 'object'];

/** The number of a ring on the wire. */
export function ringNumber(ring: RingName): number {
  return ringNumbers[ring];
}

/** The ring of a wire number; undefined when there is none. */
export function ringOfNumber(number: number): RingName | undefined {
  return ringsByNumber[number];
}

/** One text for each register, for use in maps: one character a byte. */
export function registerKeyText(key: RegisterKey): string {
  let text = ringNumbers[key.ring] + ':' + key.hash.toString(36) + ':';
  for (const byte of key.key) text += String.fromCharCode(byte);
  return text;
}
