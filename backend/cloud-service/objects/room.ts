import type { Outcome } from '../../base/outcome.ts';
import { success } from '../../base/outcome.ts';
import type { BucketRecord } from '../../contracts/names.ts';
import type { ObjectsDeps } from './objects-deps.ts';

/** Room in the quotas of a bucket and of its owner, for one write. */
export interface Room {
  /** Takes what is not taken yet; where it does not fit, gives all back. */
  fit(bytes: number): Promise<Outcome<void>>;
  /** The write took no effect. */
  giveBack(): Promise<void>;
}

/** Takes room for `bytes`, before any of them is stored; undefined: nobody knows yet how many will come. */
export async function takeRoom(deps: ObjectsDeps, bucket: BucketRecord, bytes: number | undefined): Promise<Outcome<Room>> {
  const { usage } = deps.names;
  if (!usage.isLimited(bucket)) return success(unlimited);
  let taken = 0;
  const room: Room = {
    fit: async (wanted) => {
      if (wanted <= taken) return success(undefined);
      const more = await usage.take(bucket, wanted - taken);
      if (more.ok) taken = wanted;
      else await usage.giveBack(bucket, taken);
      return more;
    },
    giveBack: () => usage.giveBack(bucket, taken),
  };
  const fits = await room.fit(bytes ?? 0);
  return fits.ok ? success(room) : fits;
}

const unlimited: Room = { fit: () => Promise.resolve(success(undefined)), giveBack: () => Promise.resolve() };
