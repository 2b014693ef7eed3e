import type { Texts } from './texts.ts';
import { vietnameseErrors } from './vietnamese-errors.ts';

/** Texts that both pages say. */
export const sharedEnglish: Texts = {
  login: {
    username: 'Username',
    password: 'Password',
    submit: 'Log in',
    ended: 'Your session has ended. Log in again; you come back to where you were.',
  },
  forms: {
    tooLong: 'At most {most} characters; these are {length}.',
    tooShort: 'At least {least} characters.',
  },
  preferences: { light: 'Use the light colours', dark: 'Use the dark colours' },
  copy: { copy: 'Copy', done: 'Copied' },
  errors: {
    Offline: 'No answer. The other side is not running, or the line to it is cut; this page tries again by itself where it can.',
    OtherVersion:
      'What answers here does not speak the language of this page: it is of another version, or not MCOS at all. Load the page again; if that does not help, bring both to one version.',
  },
};

export const sharedVietnamese: Texts = {
  login: {
    username: 'Tên đăng nhập',
    password: 'Mật khẩu',
    submit: 'Đăng nhập',
    ended: 'Phiên làm việc đã kết thúc. Hãy đăng nhập lại; bạn sẽ trở về đúng chỗ.',
  },
  forms: {
    tooLong: 'Nhiều nhất {most} ký tự; đây là {length}.',
    tooShort: 'Ít nhất {least} ký tự.',
  },
  preferences: { light: 'Dùng màu sáng', dark: 'Dùng màu tối' },
  copy: { copy: 'Sao chép', done: 'Đã chép' },
  errors: {
    Offline: 'Không có trả lời. Phía bên kia không chạy, hoặc đường truyền bị ngắt; trang này sẽ tự thử lại khi có thể.',
    OtherVersion:
      'Phía trả lời không nói cùng ngôn ngữ với trang này: nó thuộc phiên bản khác, hoặc không phải MCOS. Hãy tải lại trang; nếu vẫn vậy, hãy đưa cả hai về cùng một phiên bản.',
    ...vietnameseErrors,
  },
};
