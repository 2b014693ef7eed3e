import { watch } from 'vue';
import { useLiveStore } from './live.ts';

/** Calls when the line to the Controller is back after it was down; until the caller's scope ends. */
export function onLineBack(call: () => void): void {
  const live = useLiveStore();
  watch(
    () => live.line.kind,
    (kind, before) => {
      if (kind === 'up' && before === 'down') call();
    },
  );
}
