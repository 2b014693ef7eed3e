import { useLocalStorage, usePreferredContrast } from '@vueuse/core';
import { computed, watchEffect, type ComputedRef, type Ref } from 'vue';

export type ContrastChoice = 'system' | 'more' | 'normal';

/** High contrast as the system asks for it, or as a person chose here. The choice is remembered. */
export function useContrast(): { choice: Ref<ContrastChoice>; isHigh: ComputedRef<boolean> } {
  const choice = useLocalStorage<ContrastChoice>('mcos-contrast', 'system');
  const preferred = usePreferredContrast();
  const isHigh = computed(() => (choice.value === 'system' ? preferred.value === 'more' : choice.value === 'more'));
  watchEffect(() => document.documentElement.classList.toggle('contrast', isHigh.value));
  return { choice, isHigh };
}
