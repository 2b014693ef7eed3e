import type { callTexts, identityTexts } from '../call-texts.ts';
import type { ringFailureTexts, ringPartTexts } from '../ring-texts.ts';

/** Why a change of the rings ended or was not begun, in Vietnamese, by the ids of `ringFailureTexts`. */
export const vietnameseRingFailures: Readonly<Record<keyof typeof ringFailureTexts, string>> = {
  otherRings:
    '{clauses}; Controller và {agreeing} trên {members} nút tính ra {digest}. Chưa lưu gì. Hãy đưa {names} về phiên bản của các nút khác, rồi tạo lại các vòng.',
  notAllConfirmed: 'Không phải mọi thành viên đều xác nhận các vòng ({clauses}). Chưa lưu gì. Hãy tạo lại các vòng khi chúng trả lời.',
  tooFewConfirmed:
    '{confirmed} trên {members} thành viên của kỷ nguyên {epoch} đã xác nhận các vòng; cần đa số ({clauses}). Chưa lưu gì. Hãy tạo lại các vòng khi chúng trả lời.',
  noneAsked:
    '{confirmed} trên {members} thành viên của kỷ nguyên {epoch} đã xác nhận các vòng; cần đa số. Chưa lưu gì. Hãy tạo lại các vòng khi chúng trả lời.',
  partitionsWithout:
    'Ở {short} trên {partitions} phân vùng của kỷ nguyên {epoch}, chưa đủ đa số bản sao trả lời, nên các tên ở đó sẽ ngừng. Chưa lưu gì. Hãy đưa các nút trở lại, hoặc bỏ những nút không trả lời ra khỏi các vòng.',
  undecided: 'Không quyết định được kỷ nguyên {epoch}: {parts}. Chưa lưu gì.',
  undecidedLeft:
    'Không quyết định được kỷ nguyên {epoch}: {parts}. Có thể một số thành viên đã chấp nhận nó: nếu đủ số thì chúng tự hoàn tất, nếu không thì lần đổi sau có thể hoàn tất. Các tên vẫn do các vòng hiện nay phục vụ.',
  decidedOtherwise:
    'Kỷ nguyên {epoch} đã được quyết định khác (mã băm {decided}, không phải {digest}): một Controller khác, hoặc lần chạy trước của Controller này, đã đề xuất nó. Lần đổi đó được làm đến cùng; sau đó hãy xem danh sách và lập lại kế hoạch.',
  ringsNowhere: 'Không Cloud Service nào đang trả lời có các vòng {digest}. Sẽ hỏi lại.',
  otherDigest: 'Controller tính ra mã băm {digest} cho kỷ nguyên {epoch}; các thành viên của nó đã quyết định {decided}.',
  withdrawn: 'Quản trị viên đã rút lại trước khi có gì được quyết định.',
  withdrawnUnstored: 'Quản trị viên đã rút lại trước khi có gì được lưu.',
  diskFull:
    'Đĩa của Controller đã đầy, nên việc đổi các vòng bị gián đoạn. Hãy giải phóng chỗ (nhật ký của nó nêu tên tệp) rồi tạo lại các vòng; những gì đã quyết định sẽ được tiếp tục ở lần chạy sau của Controller.',
  defect: 'Việc đổi các vòng kết thúc vì một lỗi phần mềm; chi tiết ở trong nhật ký. Nó được tiếp tục ở lần chạy sau của Controller.',
  tooFewHealthy: 'Các vòng cần ít nhất {fewest} nút khỏe; hiện có {healthy}. Hãy thêm nút hoặc đợi đến khi chúng trả lời.',
  oneHealthy: 'Các vòng cần ít nhất {fewest} nút khỏe; hiện có 1. Hãy thêm nút hoặc đợi đến khi chúng trả lời.',
  tooFewHealthyOf: 'Các vòng cần ít nhất {fewest} nút khỏe; hiện có {healthy} ({parts}). Hãy thêm nút hoặc đợi đến khi chúng trả lời.',
  oneHealthyOf: 'Các vòng cần ít nhất {fewest} nút khỏe; hiện có 1 ({parts}). Hãy thêm nút hoặc đợi đến khi chúng trả lời.',
  tooFewWeights: '{replicas} bản sao cần ít nhất {replicas} nút có trọng số trên 0; hiện có {weighed}. Hãy cho thêm nút có trọng số.',
  tooFewStay:
    'Các vòng sẽ chỉ còn {weighed} nút có trọng số trên 0, mà cần ít nhất {fewest}. Trước hết hãy thêm một nút và tạo các vòng có nó ("mcos ring create").',
  nothingToLeave: 'Các vòng chưa được tạo: không có gì để rời.',
  underWay: 'Các vòng đang được đổi. Hãy theo dõi, hoặc rút lại trước đã.',
  proposeUnderWay:
    'Đang đổi sang kỷ nguyên {epoch} (bước đề xuất). Hãy theo dõi; lần sau bắt đầu được khi nó đã chạy. Nếu những nút mà nó cần đã mất hẳn, hãy xem "mcos ring recover".',
  jointUnderWay:
    'Đang đổi sang kỷ nguyên {epoch} (bước chung). Hãy theo dõi; lần sau bắt đầu được khi nó đã chạy. Nếu những nút mà nó cần đã mất hẳn, hãy xem "mcos ring recover".',
  syncUnderWay:
    'Đang đổi sang kỷ nguyên {epoch} (bước đồng bộ). Hãy theo dõi; lần sau bắt đầu được khi nó đã chạy. Nếu những nút mà nó cần đã mất hẳn, hãy xem "mcos ring recover".',
};

/** What stands within them, in Vietnamese, by the ids of `ringPartTexts`. */
export const vietnameseRingParts: Readonly<Record<keyof typeof ringPartTexts, string>> = {
  computed: '{name} tính ra {digest}',
  said: '{name}: {reason}',
  several: '{clauses}',
  others: 'và {others} nút khác',
  joiningNode: '{name}: đang vào',
  suspectNode: '{name}: đáng ngờ',
  downNode: '{name}: đã ngừng',
  drainingNode: '{name}: đang rút',
  silentNode: '{name}: chưa có tin',
  fencedNode: '{name}: không phục vụ ai: {reason}',
  readOnlyNode: '{name}: không nhận ghi: {reason}',
  unasked: 'việc này đã bị bỏ trước khi có ai được hỏi',
  noMajority: 'không có đa số trong {members} thành viên của kỷ nguyên {epoch} tham gia ({reason})',
};

/** Why a call has no answer, in Vietnamese, by the ids of `callTexts`. */
export const vietnameseCalls: Readonly<Record<keyof typeof callTexts, string>> = {
  badAddress: 'Không dùng được địa chỉ "{url}": {reason}.',
  timeout: '{where} không trả lời {method} trong {milliseconds} ms.',
  unreachable: 'Không tới được {where} để gọi {method}: {reason}.',
  notJson: '{where} trả lời {method} với trạng thái {status} và một nội dung không phải JSON.',
  otherProtocol: '{where} trả lời {method} với trạng thái {status}, không phải là trả lời của giao thức này.',
  somethingElse: 'nó trả lời một điều khác',
  malformed: 'Thông điệp "{name}" sai dạng: {reason}. Hai bên có thể chạy các phiên bản khác nhau.',
  noAnswer: 'Nút {id} không trả lời: {reason}.',
  noMethod: 'Ở đây không có phương thức "{method}". Tiến trình này có thể chạy phiên bản khác.',
  mayNotCall: '{parts} không được gọi {method}; nó dành cho {kinds}.',
  mayNotTouchBlobs: '{parts} không được động đến blob; chỉ các nút được.',
  refusedCertificate: 'Chứng chỉ của {parts} bị từ chối ở đây. Quản trị viên đã cách ly hoặc gỡ nó.',
  defect: 'Phương thức {method} không xong vì một lỗi phần mềm. Nhật ký ở đó có chi tiết.',
  longBody: 'Nội dung có hơn {most} byte, nhiều hơn mức mà phương thức này nhận.',
  brokenBody: 'Nội dung bị đứt giữa chừng: {reason}. Hãy gửi lại.',
  bodyNoJson: 'Nội dung không phải là JSON. Hãy gửi một giá trị JSON.',
  noAddress: 'Không biết địa chỉ nào của nút {id}.',
  badNodeAddress: 'Không dùng được địa chỉ "{url}" của nút {id}: {reason}.',
  blobAt: 'Blob {blob} ở nút {id}: {reason}.',
  blobUnstored: 'Không lưu được blob: {reason}. Hãy thử một nút khác.',
  noBlobsKept: 'Ở đây không giữ blob.',
  status: 'trạng thái {status}',
  notListed: 'Nút {id} không có trong danh sách.',
  listedNoMore: 'Nút {id} không còn trong danh sách.',
};

/** Who is at the other end of a connection, in Vietnamese, by the ids of `identityTexts`. */
export const vietnameseIdentities: Readonly<Record<keyof typeof identityTexts, string>> = {
  anonymous: 'bên gọi không có chứng chỉ của cụm này',
  node: 'nút {id}',
  controller: 'Controller {id}',
};
