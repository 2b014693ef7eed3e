import ui from '@nuxt/ui/vue-plugin';
import { createPinia } from 'pinia';
import { createApp, watch, type Component } from 'vue';
import { createI18n } from 'vue-i18n';
import type { Router } from 'vue-router';
import { rememberedLanguage, rememberLanguage, type Language } from './preferences.ts';
import type { Texts } from './texts.ts';
import { useContrast } from './use-contrast.ts';
import './styles.css';

/** Puts a page together: state, routes, texts, components; English where a text is not translated. */
export function mountPage(root: Component, router: Router, texts: Record<Language, Texts>): void {
  const i18n = createI18n({
    legacy: false,
    locale: rememberedLanguage(),
    fallbackLocale: 'en',
    messages: texts,
    missingWarn: false,
    fallbackWarn: false,
    warnHtmlMessage: false,
  });
  useContrast();
  watch(
    i18n.global.locale,
    (language) => {
      document.documentElement.lang = language;
      rememberLanguage(language as Language);
    },
    { immediate: true },
  );
  createApp(root).use(createPinia()).use(router).use(i18n).use(ui).mount('#app');
}
