import type { EventTextId } from '../event-texts.ts';

/** What events say in Vietnamese, by the ids of `eventTexts`. */
export const vietnameseEvents: Readonly<Record<EventTextId, string>> = {
  nodeJoined: '{name} đã tham gia từ {provider} {region}, vùng {zone}.',
  nodeRestarted: '{name} đã được khởi động lại.',
  nodeAddresses: '{name} nay ở {address}, trước đó ở {before}.',
  nodeIsJoining: '{name} đang vào: {parts}.',
  nodeIsHealthy: '{name} khỏe: {parts}.',
  nodeIsSuspect: '{name} đáng nghi ngờ: {parts}.',
  nodeIsDown: '{name} đã ngừng: {parts}.',
  nodeIsDraining: '{name} đang rút: {parts}.',
  nodeIsRemoved: '{name} đã gỡ: {parts}.',
  nodeServesNobody: '{name} không phục vụ ai: {reason}',
  nodeTakesNoWrites: '{name} không nhận ghi: {reason}',
  readSpeedMeasured: '{name} khai tốc độ đọc {declaredBytesPerSecond}; đo được {actualBytesPerSecond}.',
  writeSpeedMeasured: '{name} khai tốc độ ghi {declaredBytesPerSecond}; đo được {actualBytesPerSecond}.',
  readSpeedObserved: '{name} khai tốc độ đọc {declaredBytesPerSecond}; khi truyền thấy {actualBytesPerSecond}.',
  writeSpeedObserved: '{name} khai tốc độ ghi {declaredBytesPerSecond}; khi truyền thấy {actualBytesPerSecond}.',
  nodeFenced: '{name} đã bị cách ly: từ nay chứng chỉ của nó bị từ chối ở mọi nơi.',
  nodeRemoved: '{actor} đã gỡ {name}: không còn gì phụ thuộc vào nó, và từ nay chứng chỉ của nó bị từ chối ở mọi nơi.',
  weightSet: '{actor} đã đặt trọng số của {name} là {weight}.',
  weightComputed: '{actor} đã để trọng số của {name} được tính tự động trở lại.',

  drainStarted: '{actor} bắt đầu rút {name}: các bản sao của nó được tạo ở nơi khác, rồi nó rời các vòng.',
  drainPaused: '{actor} đã tạm dừng việc rút {name}: các bản sao của nó tạm ở nguyên chỗ.',
  drainResumed: '{actor} đã tiếp tục việc rút {name}.',
  drainCancelled: '{actor} đã hủy việc rút {name}: nó lại nhận bản sao.',
  drainCancelledOutside:
    '{actor} đã hủy việc rút {name}: nó lại nhận bản sao. Các vòng không có nó; "mcos ring create" sẽ đưa nó vào trở lại.',
  drainCancelledElsewhere:
    'Việc rút {name} đã kết thúc: danh sách Cloud Service vừa được nhận cho biết nó đã bị hủy. {name} lại nhận bản sao.',
  drainGivenUp: 'Việc rút {name} đã kết thúc: nó đã bị từ bỏ khi các vòng được khôi phục, và chứng chỉ của nó bị từ chối.',
  drainFinished:
    '{name} đã rút xong: {blobs} bản sao với {bytes} đã ở nơi khác, không bản ghi nào nhắc tới nó, và các vòng của kỷ nguyên {epoch} không có nó. Có thể gỡ nó.',

  ringsStarted: '{actor} tạo các vòng của kỷ nguyên {epoch} với {members} nút (lần thử {attempt}).',
  ringsEndWithout: '{actor} đã từ bỏ {names}, bị mất giữa lúc đổi sang kỷ nguyên {epoch}. Việc đổi kết thúc mà không có chúng.',
  ringsFirst: 'Các vòng đang chạy: kỷ nguyên {epoch} với {members} nút, mã băm {digest}.',
  ringsChanged: 'Các vòng của kỷ nguyên {epoch} đang chạy với {members} nút, mã băm {digest}; {namesCarried} tên đã được chuyển sang.',
  ringsRefused: 'Không tạo được các vòng: {reason}',
  ringsWithdrawn: 'Quản trị viên đã rút lại trước khi có gì được quyết định.',
  ringsAttemptWithdrawn: 'Lần thử {attempt} tạo các vòng đã bị rút lại: {parts}',

  healingStarted: '{name} đã bắt đầu khôi phục các bản sao bị thiếu.',
  healingProgress:
    '{name} đã khôi phục {restored} trên {missing} bản sao bị thiếu tìm thấy trong {partitionsDone} trên {partitions} phân vùng.',
  healingProgressLeft:
    '{name} đã khôi phục {restored} trên {missing} bản sao bị thiếu tìm thấy trong {partitionsDone} trên {partitions} phân vùng, còn khoảng {seconds} giây.',
  healingFinished: '{name} đã khôi phục {copies} bản sao ({bytes}).',
  healingUnreadable: '{name} báo: {blobs} blob hiện không có bản sao nào đọc được.',
  healingPassedOver: '{name} không chăm sóc được {parts} và bỏ qua: {reason}',
  healingPaused: '{actor} đã tạm dừng chữa lành trên {name}.',
  healingPausedOnAll: '{actor} đã tạm dừng chữa lành trên mọi Cloud Service.',
  healingPausedOnSome: '{actor} đã tạm dừng chữa lành trên {reached} trên {total} Cloud Service; không được trên {names}.',
  healingResumed: '{actor} đã tiếp tục chữa lành trên {name}.',
  healingResumedOnAll: '{actor} đã tiếp tục chữa lành trên mọi Cloud Service.',
  healingResumedOnSome: '{actor} đã tiếp tục chữa lành trên {reached} trên {total} Cloud Service; không được trên {names}.',
  scrubStarted: '{actor} đã bắt đầu kiểm tra blob trên {name}.',
  scrubFinished: '{name} đã đọc lại mọi blob của nó: {damaged} trên {checked} bị hỏng.',
  blobDamaged: '{name} đã cách ly {blobs} blob bị hỏng.',
  sweepRemoved: '{name} đã xóa {blobs} blob mà không gì nhắc tới.',

  tokenCreated: '{actor} đã tạo mã tham gia {name}.',
  tokenRevoked: '{actor} đã thu hồi mã tham gia {name}.',
  tokenRefused: '{name} không được cho vào: {reason}',
  userCreated: '{actor} đã tạo người dùng {name}.',
  userRemoved: '{actor} đã xóa người dùng {name}.',
  userPassword: '{actor} đã đặt mật khẩu mới cho {name}.',
  bucketCreated: '{actor} đã tạo bucket {name}.',
  bucketRemoved: '{actor} đã xóa bucket {name}.',
  settingsRingsByHand: '{actor} đã đổi thiết lập: các vòng được tạo bằng tay, sự kiện được giữ {days} ngày.',
  settingsRingsByThemselves: '{actor} đã đổi thiết lập: các vòng tự được tạo khi có {nodes} nút, sự kiện được giữ {days} ngày.',
  settingsRingsWithoutNumber: '{actor} đã đổi thiết lập: các vòng tự được tạo, nhưng chưa cho số nút; sự kiện được giữ {days} ngày.',
  loginFailed: 'Một lần đăng nhập với tên {name} từ {address} không thành công.',
  loginsLocked: 'Đăng nhập với tên {name} từ {address} bị khóa sau quá nhiều lần sai.',
  listTakenOver:
    'Controller đã khởi động từ một bản sao dữ liệu cũ hơn: {name} giữ phiên bản {held} của danh sách Cloud Service, còn Controller có {own}. Nó đã nhận thêm {added} Cloud Service, {removed} lần gỡ và {changed} thay đổi khác rồi đi tiếp từ đó. Các lần rút và mã tham gia vẫn như trong bản sao.',
  listNotFetched:
    '{name} giữ một danh sách Cloud Service mà ở đây không biết, và suốt một phút qua không lấy về được. Cho đến khi lấy được, không lần cách ly nào và không thay đổi nào khác của danh sách có hiệu lực ở đó: {reason}',
  auditBroken:
    'Nhật ký kiểm toán đã bị sửa từ bên ngoài Controller: từ mục {firstBroken} trở đi (trên {entries} mục) các mã băm không nối tiếp nhau. Hãy so với bản sao lưu.',
};
