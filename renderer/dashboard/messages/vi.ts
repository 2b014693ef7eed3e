import { vietnameseFileRefusals } from '../../../backend/contracts/vietnamese/file-refusals.ts';
import { vietnameseInvalid, vietnameseInvalidParts } from '../../../backend/contracts/vietnamese/invalid.ts';
import {
  vietnameseNameRefusals,
  vietnameseUnavailable,
  vietnameseUnknownOutcomes,
} from '../../../backend/contracts/vietnamese/name-refusals.ts';
import { vietnameseCalls, vietnameseIdentities } from '../../../backend/contracts/vietnamese/rings-failed.ts';
import { vietnameseServing } from '../../../backend/contracts/vietnamese/serving.ts';
import { vietnameseStorage } from '../../../backend/contracts/vietnamese/storage.ts';
import { vietnameseSystem } from '../../../backend/contracts/vietnamese/system.ts';
import type { Texts } from '../../shared/texts.ts';
import { sharedVietnamese } from '../../shared/messages.ts';

export const vi: Texts = {
  ...sharedVietnamese,
  sentences: {
    call: { ...vietnameseCalls },
    invalid: { ...vietnameseInvalid },
    invalidPart: { ...vietnameseInvalidParts },
    serving: { ...vietnameseServing },
    storage: { ...vietnameseStorage },
    system: { ...vietnameseSystem },
    fileRefusal: { ...vietnameseFileRefusals },
    nameRefusal: { ...vietnameseNameRefusals },
    unavailable: { ...vietnameseUnavailable },
    identity: { ...vietnameseIdentities },
    unknownOutcome: { ...vietnameseUnknownOutcomes },
  },
  login: { ...(sharedVietnamese.login as Texts), title: 'Tệp của bạn', hint: 'Đăng nhập bằng tên và mật khẩu bạn được cấp.' },
  shell: {
    logOut: 'Đăng xuất',
    close: 'Đóng',
    cancel: 'Hủy',
    node: 'Phục vụ bởi {node} ở {zone}.',
    notServing: 'Chưa vào được tệp của bạn từ đây. Trang này sẽ tự tiếp tục khi sẵn sàng.',
  },
  buckets: {
    title: 'Bucket',
    none: 'Bucket là nơi chứa tệp. Hãy tạo cái đầu tiên.',
    newName: 'Bucket mới',
    example: 'anh-nghi-he',
    create: 'Tạo bucket',
    delete: 'Xóa bucket {name}',
    deleteTitle: 'Xóa bucket “{name}”?',
    deleteMeaning: 'Chỉ xóa được bucket trống. Tên của nó sẽ ai cũng dùng được.',
  },
  folder: {
    heading: 'Tệp trong {folder}',
    trail: 'Bạn đang ở đâu',
    up: 'Lên một thư mục',
    upload: 'Tải tệp lên',
    uploadFolder: 'Tải thư mục lên',
    empty: 'Chưa có gì ở đây',
    emptyHint: 'Thả tệp hoặc cả thư mục vào đây, hoặc bấm “Tải tệp lên”.',
    download: 'Tải {name} về',
    delete: 'Xóa {name}',
    deleteFolder: 'Xóa thư mục {name}',
    deleteFolderMeaning: 'Mọi thứ trong thư mục này sẽ mất với mọi người, ở mọi bản sao. Không thể hoàn tác.',
    deleted: 'Đã xóa {n} tệp …',
    more: 'Hiện thêm',
    itself: '(chính thư mục)',
    deleteTitle: 'Xóa “{name}”?',
    deleteMeaning: 'Tệp sẽ mất ngay với mọi người, ở mọi bản sao. Không thể hoàn tác.',
  },
  newFolder: {
    button: 'Thư mục mới',
    title: 'Thư mục mới',
    meaning: 'Một thư mục để chứa tệp.',
    name: 'Tên thư mục',
    create: 'Tạo thư mục',
    empty: 'Hãy đặt tên cho thư mục.',
    slash: 'Tên không được có dấu gạch chéo. Hãy tạo thư mục ngoài trước, rồi thư mục trong.',
    exists: 'Ở đây đã có thư mục “{name}”.',
  },
  confirm: { delete: 'Xóa' },
  uploads: {
    title: 'Đang tải lên',
    running: 'còn {count} tệp, {sent} trên {total}',
    someFailed: '{n} tệp chưa lên được',
    finished: 'Đã xong tất cả',
    clear: 'Ẩn',
    waiting: 'đang đợi',
    sending: '{percent} % của {size}',
    done: 'đã lưu an toàn',
    cancelled: 'đã hủy',
    cancel: 'Hủy tải lên {name}',
    retry: 'Thử lại',
    retryOf: 'Thử tải lại {name}',
  },
};
