import type { addressTexts, admissionTexts, certificateRequestTexts } from '../admission-texts.ts';

/** Why the Controller does not let a Cloud Service in, in Vietnamese, by the ids of `admissionTexts`. */
export const vietnameseAdmission: Readonly<Record<keyof typeof admissionTexts, string>> = {
  tokenUnknown: 'Ở đây không có mã tham gia {named}, hoặc phần bí mật của nó sai. Hãy tạo mã mới bằng "token create".',
  tokenRevoked: 'Mã tham gia {id} đã bị thu hồi. Hãy tạo mã mới bằng "token create".',
  tokenExpired: 'Mã tham gia {id} đã hết hạn lúc {time}. Hãy tạo mã mới bằng "token create".',
  tokenUsed: 'Mã tham gia {id} đã được nút {name} dùng, mà nút đó có khóa khác. Mỗi nút cần một mã riêng.',
  nameTaken: 'Tên {named} thuộc về nút {id} ở {address}. Hãy chọn --name khác.',
  wasRemoved: 'Nút {name} ({id}) đã bị gỡ hoặc cách ly. Hãy tham gia lại với một thư mục dữ liệu mới, để có khóa mới.',
  stillAnswers:
    'Nút {name} ({id}) vẫn trả lời ở {address} với cùng khóa. Trước hết hãy dừng tiến trình đó, hoặc cho tiến trình này một thư mục dữ liệu riêng.',
  badAddress: '{member} {typed} {reason}. Hãy cho một địa chỉ mà các nút khác tới được nút này (--advertise).',
  joinsBusy: 'Đang có quá nhiều lần tham gia với khóa này phải đợi. Hãy thử lại sau một giây.',
  unreadableRequest: 'Không đọc được yêu cầu cấp chứng chỉ: {reason}. Hãy gửi một yêu cầu PKCS#10 dạng PEM.',
  badRequest: 'Yêu cầu cấp chứng chỉ {parts}. Hãy gửi một yêu cầu PKCS#10 dạng PEM với khóa ECDSA P-256.',
  badHost: '"{host}" không phải là tên DNS hay địa chỉ IP. Hãy cho tên máy không kèm cổng hay đường dẫn.',
  diskFullAtJoin:
    'Đĩa của Controller đã hết chỗ, nên Cloud Service này chưa được cho vào. Chưa ghi nhận gì, và mã tham gia vẫn dùng được như trước. Hãy giải phóng chỗ ở nơi Controller giữ dữ liệu (nhật ký của nó nêu tên tệp).',
  diskFullAtAnnounce:
    'Đĩa của Controller đã hết chỗ, nên lời báo chưa được nhận. Nó tự được lặp lại, và Cloud Service này vẫn phục vụ. Hãy giải phóng chỗ ở nơi Controller giữ dữ liệu (nhật ký của nó nêu tên tệp).',
  diskFullAtRenewal:
    'Đĩa của Controller đã hết chỗ, nên chưa cấp chứng chỉ. Chứng chỉ tự được xin lại, và chứng chỉ hiện nay vẫn dùng được. Hãy giải phóng chỗ ở nơi Controller giữ dữ liệu (nhật ký của nó nêu tên tệp).',
};

/** What is wrong with a request for a certificate, in Vietnamese, by the ids of `certificateRequestTexts`. */
export const vietnameseCertificateRequests: Readonly<Record<keyof typeof certificateRequestTexts, string>> = {
  unreadable: 'không đọc được ({reason})',
  otherKey: 'có khóa thuộc loại khác ({kind})',
  unchecked: 'có chữ ký không kiểm tra được ({reason})',
  unsigned: 'không được ký bằng khóa trong nó',
};

/** What is wrong with an address, in Vietnamese, by the ids of `addressTexts`. */
export const vietnameseAddresses: Readonly<Record<keyof typeof addressTexts, string>> = {
  noUrl: 'không phải là URL',
  longer: 'có nhiều hơn giao thức, máy và cổng',
  portZero: 'có cổng 0',
  leadsTo: 'dẫn tới {parts}',
  leadsToBy: 'dẫn tới {address}, {parts}',
  metadata: 'dịch vụ siêu dữ liệu của một đám mây',
  linkLocal: 'dải địa chỉ liên kết cục bộ 169.254.0.0/16 (dịch vụ siêu dữ liệu)',
  unspecified: 'dải địa chỉ không xác định 0.0.0.0/8',
  reserved: 'dải địa chỉ multicast hoặc dành riêng',
  linkLocalIpv6: 'dải địa chỉ liên kết cục bộ fe80::/10',
  multicastIpv6: 'dải địa chỉ multicast',
  unspecifiedIpv6: 'địa chỉ không xác định',
};
