/** What a person chose on this machine. Storage may be closed to us; then it lasts as long as the window. */
const key = 'mcos-language';

export type Language = 'en' | 'vi';
export const languages: readonly { code: Language; name: string }[] = [
  { code: 'en', name: 'English' },
  { code: 'vi', name: 'Tiếng Việt' },
];

export function rememberedLanguage(): Language {
  try {
    return localStorage.getItem(key) === 'vi' ? 'vi' : 'en';
  } catch (error) {
    if (error instanceof DOMException) return 'en';
    throw error;
  }
}

export function rememberLanguage(language: Language): void {
  try {
    localStorage.setItem(key, language);
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
  }
}
