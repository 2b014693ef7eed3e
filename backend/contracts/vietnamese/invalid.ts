import type { invalidPartTexts, invalidTexts } from '../invalid-texts.ts';

/** What is wrong with a request, in Vietnamese, by the ids of `invalidTexts`. */
export const vietnameseInvalid: Readonly<Record<keyof typeof invalidTexts, string>> = {
  value: '{where} {parts} (đang là {value}). Hãy sửa rồi thử lại.',
  missing: '{where} {parts} (đang thiếu). Hãy sửa rồi thử lại.',
  list: '{where} {parts} (đang là một danh sách). Hãy sửa rồi thử lại.',
  object: '{where} {parts} (đang là một đối tượng). Hãy sửa rồi thử lại.',
  secret: '{where} {parts}. Hãy sửa rồi thử lại.',
  received: 'Nội dung nhận được không hợp lệ ({reason}). Hãy sửa rồi thử lại.',
  whole: 'Yêu cầu ({whole}) {parts} (đang là một đối tượng). Hãy sửa rồi thử lại.',
};

/** How something is to be, in Vietnamese, by the ids of `invalidPartTexts`. */
export const vietnameseInvalidParts: Readonly<Record<keyof typeof invalidPartTexts, string>> = {
  required: 'phải có {names}',
  additionalProperties: 'không được có thêm mục nào khác',
  anyOf: 'phải thuộc một trong các dạng cho phép',
  const: 'phải đúng bằng giá trị quy định',
  enum: 'phải là một trong các giá trị cho phép',
  minLength: 'phải có ít nhất {limit} ký tự',
  maxLength: 'chỉ được có nhiều nhất {limit} ký tự',
  minItems: 'phải có ít nhất {limit} mục',
  maxItems: 'chỉ được có nhiều nhất {limit} mục',
  minimum: 'phải từ {limit} trở lên',
  exclusiveMinimum: 'phải lớn hơn {limit}',
  maximum: 'chỉ được đến {limit}',
  exclusiveMaximum: 'phải nhỏ hơn {limit}',
  multipleOf: 'phải là bội số của {limit}',
  type: 'phải thuộc kiểu {type}',
  pattern: 'phải khớp với mẫu "{pattern}"',
  format: 'phải đúng dạng "{format}"',
  uniqueItems: 'không được có mục lặp lại',
  other: '{reason}',
};
