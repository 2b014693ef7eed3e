/** The few words that the main process shows itself; the page has its own. */
export interface Texts {
  readonly locale: 'en' | 'vi';
  readonly open: string;
  readonly quit: string;
  readonly edit: string;
  readonly undo: string;
  readonly redo: string;
  readonly cut: string;
  readonly copy: string;
  readonly paste: string;
  readonly selectAll: string;
  readonly view: string;
  readonly reload: string;
  readonly developerTools: string;
  readonly actualSize: string;
  readonly larger: string;
  readonly smaller: string;
  readonly fullScreen: string;
  readonly window: string;
  readonly minimize: string;
  readonly close: string;
  readonly cannotStart: string;
}

const english: Texts = {
  locale: 'en',
  open: 'Open',
  quit: 'Quit',
  edit: 'Edit',
  undo: 'Undo',
  redo: 'Redo',
  cut: 'Cut',
  copy: 'Copy',
  paste: 'Paste',
  selectAll: 'Select all',
  view: 'View',
  reload: 'Reload',
  developerTools: 'Developer tools',
  actualSize: 'Actual size',
  larger: 'Larger',
  smaller: 'Smaller',
  fullScreen: 'Full screen',
  window: 'Window',
  minimize: 'Minimize',
  close: 'Close',
  cannotStart: 'MCOS cannot start',
};

const vietnamese: Texts = {
  locale: 'vi',
  open: 'Mở',
  quit: 'Thoát',
  edit: 'Sửa',
  undo: 'Hoàn tác',
  redo: 'Làm lại',
  cut: 'Cắt',
  copy: 'Sao chép',
  paste: 'Dán',
  selectAll: 'Chọn tất cả',
  view: 'Xem',
  reload: 'Tải lại',
  developerTools: 'Công cụ lập trình',
  actualSize: 'Cỡ thật',
  larger: 'Phóng to',
  smaller: 'Thu nhỏ',
  fullScreen: 'Toàn màn hình',
  window: 'Cửa sổ',
  minimize: 'Thu xuống',
  close: 'Đóng',
  cannotStart: 'MCOS không khởi động được',
};

const byLanguage: Readonly<Record<string, Texts>> = { en: english, vi: vietnamese };

/** In the first of the person's languages that there are words for, else in English. */
export function textsFor(languages: readonly string[]): Texts {
  for (const language of languages) {
    const texts = byLanguage[language.split('-')[0]?.toLowerCase() ?? ''];
    if (texts !== undefined) return texts;
  }
  return english;
}
