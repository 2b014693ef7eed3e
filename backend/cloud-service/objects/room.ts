import type { Outcome } from '../../base/outcome.ts';
import { success } from '../../base/outcome.ts';
import type { BucketRecord, RoomMoment } from '../../contracts/names.ts';
import type { ObjectsDeps } from './objects-deps.ts';

/** Room in the quotas of a bucket and of its owner, for one write. */
export interface Room {
  /** Takes what is not taken yet; where it does not fit, gives all back. */
  fit(bytes: number): Promise<Outcome<void>>;
  /** The write took no effect. */
  giveBack(): Promise<void>;
  /** When room was asked for last. */
  moment(): RoomMoment;
}

/** Takes room for `bytes`, before any of them is stored; undefined: nobody knows yet how many will come. */
export async function takeRoom(deps: ObjectsDeps, bucket: BucketRecord, bytes: number | undefined): Promise<Outcome<Room>> {
  const { usage } = deps.names;
  if (!usage.isLimited(bucket)) return success(unlimited);
  const taken: { readonly bytes: number; readonly moment: RoomMoment }[] = [];
  const takenBytes = (): number => taken.reduce((sum, one) => sum + one.bytes, 0);
  const giveBack = async (): Promise<void> => {
    await Promise.all(taken.splice(0).map((one) => usage.giveBack(bucket, one.bytes, one.moment)));
  };
  const take = async (more: number): Promise<Outcome<void>> => {
    const got = await usage.take(bucket, more);
    if (got.ok) taken.push({ bytes: more, moment: got.value });
    else await giveBack();
    return got.ok ? success(undefined) : got;
  };
  const room: Room = {
    fit: (wanted) => (wanted <= takenBytes() ? Promise.resolve(success(undefined)) : take(wanted - takenBytes())),
    giveBack,
    moment: () => taken.at(-1)?.moment ?? {},
  };
  const fits = await take(bytes ?? 0);
  return fits.ok ? success(room) : fits;
}

const unlimited: Room = { fit: () => Promise.resolve(success(undefined)), giveBack: () => Promise.resolve(), moment: () => ({}) };
