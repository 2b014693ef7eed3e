import type { desktopRefusalTexts } from '../desktop-refusal-texts.ts';

/** Why the desktop app refuses something, in Vietnamese, by the ids of `desktopRefusalTexts`. */
export const vietnameseDesktopRefusals: Readonly<Record<keyof typeof desktopRefusalTexts, string>> = {
  noController: 'Chưa chọn Controller nào. Hãy chọn một kết nối.',
  otherController:
    'Máy chủ ở {url} không chứng minh được nó là Controller của cụm này ({reason}). Chưa gửi gì. Hãy kiểm tra địa chỉ và mã băm CA của kết nối.',
  silentController: 'Controller ở {url} không trả lời ({reason}). Hãy kiểm tra xem nó có chạy không và địa chỉ có đúng không.',
  oddLogin: 'Controller trả lời việc đăng nhập với trạng thái {status}.',
  notStarted: 'Controller trên máy này chưa khởi động được.',
  notRunning: 'Controller trên máy này không chạy.',
  otherPassword:
    'Trên máy này đã có một Controller, và đây không phải mật khẩu của quản trị viên "{name}" của nó. Hãy đăng nhập bằng mật khẩu mà nó đang có. Nếu đã mất mật khẩu, hãy thoát ứng dụng này rồi đặt mật khẩu khác: mcos controller password --data "{directory}".',
  shortPassword: 'Mật khẩu cần ít nhất {least} ký tự.',
  notLoggedIn: 'Trước hết hãy đăng nhập vào Controller trên máy này.',
  otherConnection: 'Các Cloud Service trên máy này tham gia Controller trên máy này: trước hết hãy chọn nó làm kết nối.',
  noConnection: 'Không có kết nối {named}.',
  tooManyConnections: 'Như vậy sẽ có {connections} kết nối; ứng dụng này giữ {most}. Trước hết hãy xóa bớt.',
  noAddress: '{typed} không phải là địa chỉ của một bảng điều khiển. Hãy viết chẳng hạn https://controller.example:7401.',
  longAddress: '{typed} có nhiều hơn giao thức, máy và cổng. Hãy viết chẳng hạn https://controller.example:7401.',
  openAddress: '{typed} sẽ gửi mật khẩu không mã hóa: chỉ https được ra khỏi máy này. Hãy viết chẳng hạn https://controller.example:7401.',
  noDigest: 'Mã băm CA có 64 chữ số thập lục phân, như trang Thiết lập của bảng điều khiển cho thấy, hoặc 43 ký tự của mã tham gia.',
  largeFile: '{file} lớn hơn một tệp kết nối. Hãy chọn tệp mà "Xuất" đã ghi.',
  notJson: 'Tệp không phải là JSON ({reason}). Hãy chọn tệp mà "Xuất" đã ghi.',
  otherFile: 'Tệp không chứa kết nối của MCOS ở dạng mà bản này biết. Hãy chọn tệp mà "Xuất" đã ghi.',
  noFeed: 'Chưa đặt địa chỉ cho biết bản mới nhất. Trước hết hãy đặt địa chỉ; từ giờ đến đó không hỏi ai cả.',
  oddFeed: '{feed} không cho biết bản mới nhất ({reason}). Hãy kiểm tra địa chỉ.',
  notOpened: 'Chỉ mở địa chỉ https trong trình duyệt.',
  noKeychain: 'Không dùng được kho khóa của máy này: {reason}.',
  noKeychainNorEncryption: 'Không dùng được kho khóa của máy này: {reason}. Ứng dụng cũng không tự mã hóa được: {parts}.',
  noEncryption: 'hệ thống không cho ứng dụng này mã hóa',
  openEncryption: 'hệ thống sẽ mã hóa bằng một khóa không bí mật ({backend})',
  portTaken:
    'Một tiến trình khác đã dùng cổng {port} của máy này, có thể là một Controller khác. Hãy dừng nó, rồi khởi động lại Controller này.',
  endedByDefect: 'Nó đã kết thúc vì một lỗi phần mềm: {reason}',
  trialNotStarted: 'Không khởi động được các Cloud Service trên máy này: {reason}',
  trialEnded: '{name} đã kết thúc.',
  defect: 'Có lỗi phần mềm trong ứng dụng; nhật ký của nó có chi tiết.',
};
