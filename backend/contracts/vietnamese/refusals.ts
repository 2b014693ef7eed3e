import type { nodeStateTexts, refusalTexts } from '../refusal-texts.ts';

/** Why the Controller refuses what an administrator asks for, in Vietnamese, by the ids of `refusalTexts`. */
export const vietnameseRefusals: Readonly<Record<keyof typeof refusalTexts, string>> = {
  noSession: 'Không có phiên làm việc, hoặc phiên đã kết thúc. Hãy đăng nhập (POST /api/v1/session).',
  wrongLogin: 'Sai tên hoặc sai mật khẩu.',
  lockedOut: '{login} đăng nhập sai quá nhiều lần từ {address}. Hãy thử lại sau {minutes} phút.',
  loginsBusy: 'Quá nhiều lần đăng nhập cùng lúc. Hãy thử lại sau vài giây.',
  otherHost: 'Địa chỉ {host} (tiêu đề Host) không nằm trong danh sách của bảng điều khiển ({hosts}). Hãy dùng một trong các địa chỉ này.',
  otherOrigin: 'Trang {origin} (tiêu đề Origin) không được dùng bảng điều khiển này.',
  otherSite: 'Trang của một địa chỉ khác không được dùng bảng điều khiển này.',
  tooLarge: 'Nội dung gửi đi lớn hơn {most} byte.',
  unreadable: 'Không đọc được yêu cầu: {reason}',
  nothingHere: 'Ở đây không có {method} {path}.',
  streamsBusy: 'Đã có {most} luồng sự kiện đang mở. Hãy đóng bớt một cửa sổ bảng điều khiển.',
  diskFull:
    'Đĩa của Controller đã hết chỗ mà việc này cần thêm chỗ, nên chưa được làm. Hãy giải phóng chỗ ở nơi Controller giữ dữ liệu (nhật ký của nó nêu tên tệp) rồi thử lại. Ai đã đăng nhập vẫn xem tiếp được; các Cloud Service vẫn phục vụ.',
  defect: 'Có lỗi phần mềm trong Controller; nhật ký của nó có chi tiết.',
  noCloudService: 'Không có Cloud Service nào tên {named}.',
  nobodyHealthy: 'Lúc này không có Cloud Service nào khỏe, nên không nơi nào làm được việc này. Hãy xem danh sách Cloud Service.',
  nobodyLists: 'Lúc này không có Cloud Service nào khỏe, nên không liệt kê được tài khoản.',
  noToken: 'Không có mã tham gia {token}. "token list" cho xem tất cả.',
  notDrained: '{name} không đang được rút (nó {parts}).',
  isRemoved: '{name} đã được gỡ rồi.',
  isRefused: '{name} đã được gỡ rồi: chứng chỉ của nó bị từ chối ở mọi nơi.',
  isDrained: '{name} đang được rút rồi.',
  nothingStored: 'Các vòng chưa được tạo, nên chưa có gì được lưu trên {name}: hãy gỡ nó bằng "mcos node remove {name}".',
  noRoomElsewhere:
    '{name} giữ {held} byte, mà các Cloud Service khỏe khác cộng lại chỉ còn {free} byte trống: chúng không nhận hết các bản sao của nó được. Trước hết hãy thêm một nút.',
  nothingToPause: 'Việc rút {name} ở trạng thái {parts}: không còn gì để tạm dừng.',
  notPaused: 'Việc rút {name} ở trạng thái {parts}, không phải tạm dừng.',
  leavesRings:
    'Các vòng đang được đổi để không còn nó: hãy đợi đến khi các vòng mới chạy, hoặc rút lại lần đổi khi nó chưa được quyết định.',
  stillNeeded: 'Chưa gỡ {name} được. {sentences}',
  noRings: 'Các vòng chưa được tạo. Trước hết hãy tạo các vòng.',
  noRingsYet: 'Chưa có các vòng.',
  firstRingsMade: 'Các vòng đầu tiên đã được tạo rồi.',
  changeEnded: 'Lần đổi các vòng vừa kết thúc.',
  planOutdated: 'Kế hoạch có mã băm {digest} đã cũ: danh sách hiện nay cho {present}. Hãy xem kế hoạch mới rồi tạo lại các vòng.',
  nothingToChange: 'Các vòng đã đúng như danh sách: không có gì thay đổi, và không có gì được bắt đầu.',
  isDecided: 'Kỷ nguyên đã được quyết định; không rút lại được nữa.',
  noChange: 'Các vòng không đang được đổi.',
  unknownWeights: 'Không có Cloud Service nào tên {names}: không đặt trọng số cho nó được. Chưa có gì thay đổi.',
  bucketOfOwner: 'Bucket "{name}" đã có và là của {owner}.',
  nothingLostYet: 'Các vòng chưa được tạo, nên không phân vùng nào mất đa số được.',
  otherCluster: '{typed} không phải là tên của cụm này. Chưa từ bỏ gì; hãy gõ đúng tên cụm để tiếp tục.',
  nothingLost: 'Mọi phân vùng đều còn đa số bản sao, nên không phải từ bỏ gì: "mcos ring create" tạo các vòng không có những nút đã ngừng.',
  otherLost: 'Những nút đang bị mất là {lost}, không phải {names}. Chưa từ bỏ gì; hãy xem lại những gì sẽ mất.',
};

/** In which state a Cloud Service is, in Vietnamese, by the ids of `nodeStateTexts`. */
export const vietnameseNodeStates: Readonly<Record<keyof typeof nodeStateTexts, string>> = {
  joining: 'đang vào',
  healthy: 'khỏe',
  suspect: 'đáng ngờ',
  down: 'đã ngừng',
  draining: 'đang rút',
  removed: 'đã gỡ',
};
