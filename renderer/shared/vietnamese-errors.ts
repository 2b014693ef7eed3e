import type { ErrorCode } from '../../backend/contracts/errors.ts';

/** What every code of the error catalogue means. The offending value stands in the API's own sentence, in English. */
export const vietnameseErrors: Readonly<Record<ErrorCode, string>> = {
  InvalidArgument: 'Có thông tin bị thiếu, sai dạng hoặc ngoài phạm vi cho phép.',
  NotAuthenticated: 'Phiên làm việc đã kết thúc. Hãy đăng nhập lại.',
  WrongCredentials: 'Sai tên hoặc sai mật khẩu. Hãy kiểm tra và thử lại.',
  LockedOut: 'Đăng nhập sai năm lần: tài khoản tạm bị khóa từ nơi này. Hãy đợi ít nhất 15 phút.',
  AccessDenied: 'Không được phép làm việc này.',
  HostNotAllowed: 'Địa chỉ này không nằm trong danh sách được phép của cổng.',
  NotFound: 'Không có thứ được hỏi.',
  Conflict: 'Đã có sẵn, đang bận, hoặc vừa được thay đổi.',
  TooLarge: 'Nội dung gửi đi lớn hơn mức cho phép.',
  NotImplemented: 'Phiên bản này chưa hỗ trợ việc đó.',

  TokenInvalid: 'Mã tham gia không tồn tại hoặc không đúng.',
  TokenExpired: 'Mã tham gia đã hết hạn. Hãy tạo mã mới.',
  TokenRevoked: 'Mã tham gia đã bị thu hồi. Hãy tạo mã mới.',
  TokenUsed: 'Mã tham gia đã được máy chủ khác dùng. Hãy tạo mã mới.',
  NodeStillAnswers: 'Một tiến trình khác cùng khóa này vẫn đang trả lời.',
  NameTaken: 'Cloud Service khác đã mang tên này.',
  NodeStillNeeded: 'Vẫn còn tên hoặc dữ liệu phụ thuộc vào Cloud Service này.',
  WrongCluster: 'Chứng chỉ hoặc danh sách thuộc về cụm khác.',
  Revoked: 'Chứng chỉ của Cloud Service này bị từ chối.',

  TooFewNodes: 'Các vòng cần ít nhất ba Cloud Service khỏe.',
  DigestMismatch: 'Có Cloud Service tính ra các vòng khác.',
  EpochConflict: 'Kỷ nguyên đã được quyết định khác, hoặc các vòng đang được thay đổi.',
  PlanOutdated: 'Danh sách đã thay đổi sau khi lập kế hoạch. Hãy xem kế hoạch mới.',
  NotReady: 'Các vòng chưa được tạo, nên chưa phục vụ được.',

  OutcomeUnknown: 'Thay đổi có thể đã hoặc chưa có hiệu lực. Hãy xem lại rồi thử lại.',
  QuorumUnavailable: 'Chưa đủ đa số bản sao trả lời; không có gì bị thay đổi. Hãy thử lại.',
  RecordTooLarge: 'Bản ghi tên lớn hơn 64 KiB.',
  Fenced: 'Bucket đã thay đổi trong lúc đó. Hãy thử lại.',
  Busy: 'Đang quá nhiều việc. Hãy thử lại sau vài giây.',

  Unreachable: 'Không nối được với bên kia.',
  Timeout: 'Bên kia không trả lời kịp.',

  StorageFull: 'Hết chỗ lưu trữ.',
  StorageFailed: 'Ổ đĩa bị lỗi.',
  DataDirectoryInUse: 'Một tiến trình khác đang dùng thư mục dữ liệu này.',
  NoSuchBlob: 'Ở đây không có blob này.',
  BlobExists: 'Ở đây đã có blob này.',
  BlobDamaged: 'Dữ liệu đã lưu không khớp với mã kiểm tra.',

  NoSuchBucket: 'Không có bucket nào tên như vậy.',
  NoSuchKey: 'Không có tệp nào tên như vậy.',
  NoSuchUpload: 'Lần tải lên này không còn mở.',
  NoSuchAccount: 'Không có người dùng hoặc khóa truy cập này.',
  BucketExists: 'Tên bucket này thuộc về người dùng khác.',
  BucketOwned: 'Bucket này đã là của bạn.',
  QuotaExceeded: 'Không còn đủ hạn mức của bucket hoặc của chủ bucket.',
  BucketNotEmpty: 'Bucket vẫn còn tệp. Hãy xóa hết rồi thử lại.',
  TooManyBuckets: 'Mỗi người dùng có nhiều nhất 500 bucket.',
  PreconditionFailed: 'Điều kiện của yêu cầu không được thỏa.',
  NotModified: 'Tệp không thay đổi so với bản đã có.',
  ChecksumMismatch: 'Nội dung nhận được không khớp với mã kiểm tra.',
  IncompleteBody: 'Nội dung nhận được ngắn hoặc dài hơn đã báo.',
  InvalidRange: 'Khoảng được hỏi nằm ngoài tệp.',
  InvalidPart: 'Thiếu một phần, hoặc phần đó đã khác.',
  InvalidPartOrder: 'Các phần phải theo thứ tự tăng dần.',
  EntityTooSmall: 'Mỗi phần, trừ phần cuối, phải có ít nhất 5 MiB.',
  EntityTooLarge: 'Lớn hơn mức cho phép của một tệp hoặc một phần.',

  InternalError: 'Có lỗi trong chương trình; nhật ký có chi tiết.',
};

/** Codes whose text says all that there is to say; with the others the API's sentence names what is wrong. */
export const saidInFull: ReadonlySet<string> = new Set<ErrorCode | 'Offline' | 'OtherVersion'>([
  'Offline',
  'OtherVersion',
  'NotAuthenticated',
  'WrongCredentials',
  'LockedOut',
  'NotReady',
  'OutcomeUnknown',
  'QuorumUnavailable',
  'Busy',
]);
