import type { drainStateTexts, drainTexts, removalTexts } from '../drain-texts.ts';

/** Why a Cloud Service may not be removed, in Vietnamese, by the ids of `removalTexts`. */
export const vietnameseRemoval: Readonly<Record<keyof typeof removalTexts, string>> = {
  changedMeanwhile:
    'Nó đã thay đổi trong lúc các bản sao của nó được đếm: nó đã trở lại, việc rút nó đã bắt đầu hoặc bị hủy, hoặc các vòng đã đổi. Hãy xem lại nó rồi thử lại.',
  drainNotFinished: 'Việc rút nó chưa xong ({parts}): hãy đợi, xem "mcos node drain {name} --status".',
  suspect: 'Nó đáng ngờ ({parts}), chưa phải đã ngừng: nó có thể trả lời lại và được giao bản sao. Hãy đợi đến khi rõ là bên nào.',
  joining: 'Nó đang vào ({parts}) và nhận bản sao: trước hết hãy rút nó bằng "mcos node drain {name}".',
  healthy: 'Nó khỏe ({parts}) và nhận bản sao: trước hết hãy rút nó bằng "mcos node drain {name}".',
  removed: 'Nó đã gỡ ({parts}) mà vẫn nhận bản sao: trước hết hãy rút nó bằng "mcos node drain {name}".',
  ringsChange: 'Các vòng đang được đổi: hãy đợi đến khi các vòng mới chạy.',
  inRings: 'Nó ở trong các vòng của kỷ nguyên {epoch}, nên có tên phụ thuộc vào nó: "mcos node drain {name}" tạo các vòng không có nó.',
  downInRings:
    'Nó ở trong các vòng của kỷ nguyên {epoch}, nên có tên phụ thuộc vào nó: "mcos node drain {name}" tạo các vòng không có nó, "mcos ring create" cũng vậy.',
  copiesNamed: '{blobs} bản sao với {bytes} trên nó còn được bản ghi nhắc tới: chúng phải được tạo lại ở nơi khác trước đã.',
  onlyThere:
    '{blobs} blob trong số đó với {bytes} không có bản sao trên Cloud Service nào khác đang trả lời. Hãy đưa một nơi đang giữ chúng trở lại; "mcos node fence" thì từ bỏ chúng.',
  unreadableLists: '{lists} danh sách blob của đối tượng dài hiện không đọc được, và có thể nhắc tới nó.',
  silent:
    'Không phải với phân vùng nào cũng biết được có bản ghi nhắc tới nó hay không: {names} không trả lời. Hãy thử lại khi đa số bản sao trả lời.',
  olderRecords:
    'Không phải với phân vùng nào cũng biết được có bản ghi nhắc tới nó hay không: một số nơi còn giữ bản ghi cũ hơn. Hãy thử lại khi đa số bản sao trả lời.',
};

/** What a drain waits for and warns of, in Vietnamese, by the ids of `drainTexts`. */
export const vietnameseDrain: Readonly<Record<keyof typeof drainTexts, string>> = {
  copiesFailed: 'Chưa tạo được bản sao, sẽ thử lại: {names}. Còn chỗ không, và Cloud Service nào có các byte đó đang trả lời không?',
  onlyThere:
    '{blobs} blob không có bản sao trên Cloud Service nào khác đang trả lời: {name} phải trở lại, hoặc một nơi khác đang giữ chúng.',
  fromOthers: 'Nó không trả lời: bản sao được tạo từ các nơi khác.',
  unreadableLists: '{lists} danh sách blob của đối tượng dài hiện không đọc được; sẽ thử lại.',
  silent: 'Đang đợi đa số bản sao của mọi phân vùng; {names} chưa trả lời.',
  notAnswering: 'Lúc này nó không trả lời: chưa biết có gì còn đang được ghi ở đó không.',
  beingRemoved: '{blobs} blob trên đĩa của nó đang được kiểm tra và xóa; blob của những lần tải lên còn mở thì ở lại đến khi kết thúc.',
  ringsBusy: 'Đang đợi đến khi lần đổi các vòng hiện nay chạy xong.',
  ringsChanging: 'Các vòng đang được đổi.',
  noZoneLeft: 'Không có {name} thì còn 0 vùng trả lời: các bản sao sẽ ở chung một vùng.',
  oneZoneLeft: 'Không có {name} thì còn 1 vùng trả lời: các bản sao sẽ ở chung một vùng.',
};

/** How far a drain is, in Vietnamese, by the ids of `drainStateTexts`. */
export const vietnameseDrainStates: Readonly<Record<keyof typeof drainStateTexts, string>> = {
  copying: 'đang sao chép',
  paused: 'tạm dừng',
  'leaving-rings': 'đang rời các vòng',
  drained: 'đã rút xong',
  cancelled: 'đã hủy',
};
