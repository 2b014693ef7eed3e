import type { Texts } from '../texts.ts';
import { vietnameseAddresses, vietnameseAdmission, vietnameseCertificateRequests } from './admission.ts';
import { vietnameseDrain, vietnameseDrainStates, vietnameseRemoval } from './drain.ts';
import { vietnameseEpochRefusals } from './epoch-refusals.ts';
import { vietnameseEvents } from './events.ts';
import { vietnameseDesktopRefusals } from './desktop-refusals.ts';
import { vietnameseFileRefusals } from './file-refusals.ts';
import { vietnameseInvalid, vietnameseInvalidParts } from './invalid.ts';
import { vietnameseNameRefusals, vietnameseUnavailable, vietnameseUnknownOutcomes } from './name-refusals.ts';
import { vietnameseNodeStates, vietnameseRefusals } from './refusals.ts';
import { vietnameseCalls, vietnameseIdentities, vietnameseRingFailures, vietnameseRingParts } from './rings-failed.ts';
import { vietnameseResolve } from './resolve.ts';
import { vietnameseServing } from './serving.ts';
import { vietnameseStorage } from './storage.ts';
import { vietnameseSystem } from './system.ts';

/** Sentences of the Controller in Vietnamese, by their keys; in English they are shown as it says them. */
export const vietnameseSentences: Texts = {
  cluster: {
    empty: 'Chưa có Cloud Service nào tham gia. Hãy tạo mã tham gia để thêm cái đầu tiên.',
    healthy: 'Cả {total} Cloud Service đều khỏe và các vòng đang chạy.',
    mixed: '{healthy} trên {total} Cloud Service khỏe; {parts}.',
    parts: {
      down: '{count} đã ngừng',
      refusing: '{count} từ chối phục vụ',
      unheard: '{count} đang rút mà không trả lời',
      removedInRings: '{count} đã gỡ nhưng vẫn ở trong các vòng',
      suspect: '{count} đáng ngờ',
      starting: '{count} chưa phục vụ',
      joining: '{count} đang vào',
      draining: '{count} đang rút',
    },
  },
  events: { ...vietnameseEvents },
  removal: { ...vietnameseRemoval },
  drain: { ...vietnameseDrain },
  drainState: { ...vietnameseDrainStates },
  resolve: { ...vietnameseResolve },
  ringFailure: { ...vietnameseRingFailures },
  ringPart: { ...vietnameseRingParts },
  call: { ...vietnameseCalls },
  refusal: { ...vietnameseRefusals },
  nodeState: { ...vietnameseNodeStates },
  invalid: { ...vietnameseInvalid },
  invalidPart: { ...vietnameseInvalidParts },
  nameRefusal: { ...vietnameseNameRefusals },
  unavailable: { ...vietnameseUnavailable },
  identity: { ...vietnameseIdentities },
  unknownOutcome: { ...vietnameseUnknownOutcomes },
  desktopRefusal: { ...vietnameseDesktopRefusals },
  fileRefusal: { ...vietnameseFileRefusals },
  epochRefusal: { ...vietnameseEpochRefusals },
  admission: { ...vietnameseAdmission },
  certificateRequest: { ...vietnameseCertificateRequests },
  address: { ...vietnameseAddresses },
  serving: { ...vietnameseServing },
  storage: { ...vietnameseStorage },
  system: { ...vietnameseSystem },
  rings: {
    active: 'Các vòng đang chạy (kỷ nguyên {epoch}).',
    running: 'Các vòng đang được tạo.',
    changing: 'Đang tạo các vòng của kỷ nguyên {epoch}; đọc và ghi vẫn tiếp tục.',
    waiting: 'Đang đợi các nút: {healthy} trên {wanted} đã khỏe.',
    ready: '{healthy} nút đã khỏe: có thể tạo các vòng.',
    leftOut: {
      down: '{name} đã ngừng ({reason}) và bị bỏ ra; từ nay chứng chỉ của nó bị từ chối.',
      refuses: '{name} từ chối các vòng ({reason}) và bị bỏ ra; từ nay chứng chỉ của nó bị từ chối.',
    },
    withdrawnByHand: 'Quản trị viên đã rút lại.',
  },
  evidence: {
    removed: 'đã gỡ khỏi cụm',
    notProbed: 'chưa được thăm dò',
    answers: 'trả lời Controller',
    servesNobody: 'trả lời Controller, nhưng không phục vụ ai: {reason}',
    takesNoWrites: 'trả lời Controller, nhưng không nhận ghi: {reason}',
    silent: {
      reached: 'không trả lời Controller đã {seconds} giây, nhưng {reach} trên {asked} nút được hỏi tới được nó',
      unreached: 'không trả lời Controller và {silent} trên {asked} nút khác đã {seconds} giây',
      ownLine: 'không trả lời Controller đã {seconds} giây, mọi nút khác cũng vậy: có thể hỏng đường truyền của chính Controller',
      notAsked: 'không trả lời Controller đã {seconds} giây; chưa hỏi nút nào khác',
      alone: 'không trả lời Controller đã {seconds} giây',
    },
    never: {
      reached: 'chưa từng trả lời Controller, nhưng {reach} trên {asked} nút được hỏi tới được nó',
      unreached: 'chưa từng trả lời Controller và {silent} trên {asked} nút khác',
      ownLine: 'chưa từng trả lời Controller, mọi nút khác cũng vậy: có thể hỏng đường truyền của chính Controller',
      notAsked: 'chưa từng trả lời Controller; chưa hỏi nút nào khác',
      alone: 'chưa từng trả lời Controller',
    },
  },
  passedOver: {
    record: 'bản ghi "{name}"',
    bucket: 'bucket "{name}"',
    partition: 'phân vùng "{name}"',
    blob: 'blob "{name}"',
  },
  plan: {
    fewZones:
      'Có {zones} vùng cho {replicas} bản sao: hai bản sao của một phân vùng sẽ ở chung một vùng, mất vùng đó có thể làm ngừng một phần các tên.',
    crowdedZones:
      '{count} vùng mang nhiều tên hơn phần theo trọng số (trọng số → số tên): {names}. Mỗi tên cần bản sao ở {needed} vùng. Hãy thêm nút ở đó, hoặc chấp nhận.',
    cappedNodes:
      '{count} nút nhận ít tên hơn phần theo trọng số (trọng số → số tên): {names}. Một nút chỉ giữ được một tên một lần, và các vùng được tách riêng.',
    overCapacity: '{count} nút sẽ quá dung lượng (số byte bản ghi sẽ nhận > số byte còn trống): {names}. Hãy thêm chỗ hoặc giảm trọng số.',
  },
};
