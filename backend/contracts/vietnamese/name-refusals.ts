import type { nameRefusalTexts, unavailableTexts, unknownOutcomeTexts } from '../name-refusal-texts.ts';

/** Why Cloud Services refuse what is asked of users, buckets and quotas, in Vietnamese, by the ids of `nameRefusalTexts`. */
export const vietnameseNameRefusals: Readonly<Record<keyof typeof nameRefusalTexts, string>> = {
  noUser: 'Không có người dùng "{name}". Hãy kiểm tra tên.',
  noUserName:
    '"{name}" không dùng làm tên người dùng được: hãy dùng 1 đến 63 chữ cái không dấu, chữ số, dấu chấm, gạch ngang và gạch dưới, bắt đầu bằng chữ cái hoặc chữ số.',
  userExists: 'Đã có người dùng "{name}". Hãy chọn tên khác.',
  ownsBuckets: 'Người dùng "{name}" đang có {buckets} bucket. Trước hết hãy xóa chúng.',
  hasNewKey: 'Người dùng "{name}" vừa được cấp một khóa truy cập. Hãy thử lại.',
  noKey: 'Không có khóa truy cập "{accessKey}". Hãy kiểm tra lại, hoặc xin khóa mới.',
  noKeyId: '"{accessKey}" không dùng làm mã khóa truy cập được: hãy dùng 16 đến 128 chữ cái và chữ số.',
  noSecret: 'Khóa bí mật có 16 đến 128 ký tự, không phải {length}.',
  foreignKey: 'Khóa truy cập {accessKey} không thuộc về "{name}".',
  keyExists: 'Đã có khóa truy cập {accessKey}. Hãy chọn mã khác.',
  tooManyKeys: 'Người dùng "{name}" đã có {keys} khóa truy cập. Trước hết hãy xóa bớt một khóa.',
  tooManyBuckets: 'Người dùng "{name}" đã có {buckets} bucket. Trước hết hãy xóa bớt một bucket.',
  noBucket: 'Không có bucket "{name}". Hãy kiểm tra tên.',
  noBucketNow: 'Không còn bucket "{name}" nữa. Nó đã bị xóa trong lúc đó.',
  noBucketName:
    '{typed} không dùng làm tên bucket được: cần 3 đến 63 chữ cái thường không dấu, chữ số, dấu chấm và gạch ngang, đầu và cuối là chữ cái hoặc chữ số, không có hai dấu chấm liền nhau, không phải địa chỉ IP.',
  bucketTaken: 'Tên bucket "{name}" đã có người dùng. Hãy chọn tên khác.',
  bucketOwned: 'Bucket "{name}" đã là của bạn.',
  foreignBucket: 'Bucket "{name}" thuộc về người khác.',
  bucketNotEmpty: 'Bucket "{name}" vẫn còn tệp. Trước hết hãy xóa chúng.',
  bucketReopened: 'Bucket "{name}" đã được mở lại trong lúc đang bị xóa. Hãy thử lại.',
  bucketRemade: 'Bucket "{name}" liên tục bị xóa rồi được tạo lại. Hãy thử lại.',
  bucketRemadeMeanwhile: 'Trong lúc đó bucket "{name}" đã nhiều lần bị xóa rồi được tạo lại. Hãy thử lại.',
  bucketRemadeUnderBytes: 'Bucket "{name}" đã bị xóa rồi được tạo lại trong lúc dữ liệu đang trên đường; chưa lưu gì. Hãy gửi lại.',
  bucketMayBeDeleted: 'Bucket "{name}" có thể đã hoặc chưa bị xóa. {parts} Hãy xem nó còn không, hoặc xóa lại.',
  bucketDeletionForgotten:
    'Bucket "{name}" có thể đã hoặc chưa bị xóa: bản ghi của nó đã thay đổi quá nhiều lần nên không biết được nữa. Hãy xem nó còn không, hoặc xóa lại.',
  bucketHalfMade: 'Đã có bucket "{name}", nhưng chưa ghi được vào danh sách của chủ ({parts}) Hãy tạo lại để hoàn tất.',
  bucketQuotaExceeded:
    'Hạn mức của bucket "{name}" là {quota} byte, đã dùng {used}; không đủ chỗ cho {more} byte nữa. Hãy xóa bớt, hoặc xin hạn mức lớn hơn.',
  userQuotaExceeded:
    'Hạn mức của người dùng "{name}" là {quota} byte, đã dùng {used}; không đủ chỗ cho {more} byte nữa. Hãy xóa bớt, hoặc xin hạn mức lớn hơn.',
  bucketQuotaBusy: 'Đang có {writes} lần ghi đợi hạn mức của bucket "{name}". Hãy thử lại.',
  userQuotaBusy: 'Đang có {writes} lần ghi đợi hạn mức của người dùng "{name}". Hãy thử lại.',
  bucketQuotaUnseen: 'Không xem được hạn mức của bucket "{name}". Nhật ký của Cloud Service này cho biết vì sao.',
  userQuotaUnseen: 'Không xem được hạn mức của người dùng "{name}". Nhật ký của Cloud Service này cho biết vì sao.',
  quotaJustSet: 'Hạn mức của bucket "{name}" vừa được đặt; chưa làm gì. Hãy thử lại.',
  quotaOvertaken: 'Trong lúc đó một yêu cầu khác đã đặt hạn mức này. Hãy đặt lại nếu nó không như bạn muốn.',
  quotaOfDeleted: 'Bucket "{name}" liên tục bị xóa. Hãy thử lại.',
  quotaOfRemade: 'Bucket "{name}" đã bị xóa rồi được tạo lại trong lúc đặt hạn mức. Hãy đặt lại.',
  noRings: 'Các vòng chưa được tạo. Hãy thử lại khi các vòng đã chạy.',
  noRingsUnchanged: 'Các vòng chưa được tạo; không có gì bị thay đổi. Hãy thử lại khi các vòng đã chạy.',
  noRingsNoRecords: 'Các vòng chưa được tạo, nên không phân vùng nào giữ bản ghi.',
  noRingsNoReplicas: 'Các vòng chưa được tạo, nên không có bản sao để so sánh.',
  silentMajority: 'Chưa đủ đa số bản sao của tên này tham gia được (chúng không trả lời); không có gì bị thay đổi. Hãy thử lại.',
  refusingMajority: 'Chưa đủ đa số bản sao của tên này tham gia được (chúng trả lời "{reason}"); không có gì bị thay đổi. Hãy thử lại.',
  othersWon: 'Những thay đổi khác của cùng tên này luôn đến trước; không có gì bị thay đổi. Hãy thử lại.',
  othersTookTime: 'Những thay đổi khác của cùng tên này đã chiếm hết thời gian; không có gì bị thay đổi. Hãy thử lại.',
  manyOperations: 'Đang có {operations} việc cùng lúc; không có gì bị thay đổi. Hãy thử lại.',
  manyWait: 'Đang có {changes} thay đổi của cùng tên này phải đợi; không có gì bị thay đổi. Hãy thử lại.',
  replicasFull: 'Các bản sao của tên này đã hết chỗ; không có gì bị thay đổi. Hãy giải phóng chỗ hoặc thêm một Cloud Service.',
  recordTooLarge: 'Bản ghi tên sẽ có {size} byte; giới hạn là {most}. Hãy dùng ít siêu dữ liệu hơn hoặc ít phần hơn.',
  outcomeUnknown: 'Thay đổi có thể đã hoặc chưa có hiệu lực ({parts}). Hãy đọc lại tên này, hoặc thử lại.',
  noSuchPlace: '"{after}" không phải là một chỗ trong danh sách tên. Hãy lấy nó từ trang trước.',
};

/** Why nobody can tell whether a change has taken effect, in Vietnamese, by the ids of `unknownOutcomeTexts`. */
export const vietnameseUnknownOutcomes: Readonly<Record<keyof typeof unknownOutcomeTexts, string>> = {
  tooFewAnswered: 'quá ít bản sao trả lời kịp',
  changedTooOften: 'từ đó bản ghi đã thay đổi quá nhiều lần nên không biết được nữa',
  purged: 'từ đó các tên đã xóa đã bị dọn đi',
};

/** What replicas answer that do not take part, in Vietnamese, by the ids of `unavailableTexts`. */
export const vietnameseUnavailable: Readonly<Record<keyof typeof unavailableTexts, string>> = {
  'not-serving': 'chưa phục vụ',
  'old-start': 'lần khởi động cũ',
  'not-a-replica': 'không giữ tên này',
  'storage-full': 'hết chỗ lưu trữ',
  'storage-failed': 'ổ đĩa bị lỗi',
  busy: 'đang quá nhiều việc',
  malformed: 'yêu cầu sai dạng',
  fenced: 'bucket đã thay đổi',
  'not-fenced': 'chưa biết thay đổi của bucket',
};
