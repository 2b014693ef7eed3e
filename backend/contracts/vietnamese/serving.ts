import type { servingTexts } from '../serving-texts.ts';

/** Why a Cloud Service does not serve, in Vietnamese, by the ids of `servingTexts`. */
export const vietnameseServing: Readonly<Record<keyof typeof servingTexts, string>> = {
  starting: 'nó đang khởi động.',
  diskFailed: 'Ổ đĩa của nút này bị lỗi: {reason}',
  refused: 'Quản trị viên đã cách ly hoặc gỡ nút này.',
  noRings: 'Các vòng của cụm này chưa được tạo. Quản trị viên tạo chúng trong bảng điều khiển.',
  notRecorded: 'Các nút khác chưa ghi nhận lần khởi động này.',
  recordedByFew: '{recorded} trên {others} nút khác đã ghi nhận lần khởi động này; cần {needed}.',
  putBack:
    'Nút {by} đã được nút này báo mốc {told}, mà thư mục dữ liệu này mới ở mốc {mark}: nó đã được đưa về như ở một lúc trước, hoặc là một bản sao, và thiếu những gì được ghi từ đó. Hãy đưa thư mục mới nhất trở lại, hoặc tham gia với một thư mục dữ liệu trống và một mã tham gia mới.',
  startedElsewhere:
    'Nút {by} đã ghi nhận lần khởi động {recorded} của nút này, mà lần này là lần {boot}: trong lúc đó một bản sao của thư mục dữ liệu đã được khởi động. Nếu thư mục này là mới nhất, hãy dừng tiến trình kia rồi khởi động lại tiến trình này; nếu không, hãy đưa thư mục mới nhất trở lại, hoặc tham gia với một thư mục dữ liệu trống và một mã tham gia mới.',
  unsaid: 'nó không cho biết vì sao',
  takesNoCopies: 'Lúc này Cloud Service này không nhận bản sao: {reason}',
  isDrained: 'Cloud Service này đang được rút và không nhận bản sao mới (blob {blob}).',
};
