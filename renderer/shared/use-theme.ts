import { createSharedComposable, useColorMode } from '@vueuse/core';

/**
 * Light, dark, or as the system has it: one for the whole page. Each of its own would write the class of the page anew and,
 * to keep colours from fading over, have every style in it computed at once.
 */
export const useTheme = createSharedComposable(() => useColorMode({ disableTransition: false }));
