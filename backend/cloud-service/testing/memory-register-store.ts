import { compareBytes, emptyBytes } from '../../base/bytes.ts';
import type { RegisterKey, RegisterStore, RegisterWrite, StoredRegister } from '../../register/register-store.ts';

interface Row extends StoredRegister {
  readonly key: RegisterKey;
}

/** Rows in memory, in order; for tests of the layers above, where durability is not the question. */
export function createMemoryRegisterStore(): RegisterStore {
  const rows = new Map<string, Row>();
  const states = new Map<string, Uint8Array>();
  let sorted: Row[] | undefined;
  const idOf = (key: RegisterKey): string => `${key.ring}/${key.hash}/${Buffer.from(key.key).toString('hex')}`;
  const inOrder = (): Row[] => (sorted ??= [...rows.values()].sort((left, right) => compareKeys(left.key, right.key)));
  const apply = (write: RegisterWrite): void => {
    if (write.kind === 'register') rows.set(idOf(write.key), { key: write.key, accepted: write.accepted, value: write.value });
    else if (write.kind === 'delete') rows.delete(idOf(write.key));
    else if (write.kind === 'delete-range') {
      for (const [id, { key }] of rows)
        if (key.ring === write.ring && key.hash >= write.fromHash && key.hash <= write.toHash) rows.delete(id);
    } else if (write.bytes === null) states.delete(write.name);
    else states.set(write.name, write.bytes);
    if (write.kind !== 'state') sorted = undefined;
  };
  return {
    failed: new Promise(() => undefined),
    read: (key) => rows.get(idOf(key)),
    readBallot: (key) => rows.get(idOf(key))?.accepted,
    scan: ({ ring, hash, from, to, limit, ballotsOnly }) => {
      const found = inOrder().filter(
        ({ key }) =>
          key.ring === ring && key.hash === hash && compareBytes(key.key, from) >= 0 && (to === undefined || compareBytes(key.key, to) < 0),
      );
      return {
        rows: found
          .slice(0, limit)
          .map(({ key, accepted, value }) => ({ key: key.key, accepted, head: ballotsOnly ? emptyBytes : value.head })),
        more: found.length > limit,
      };
    },
    walk: ({ ring, fromHash, toHash, after, limit }) =>
      inOrder()
        .filter(
          ({ key }) =>
            key.ring === ring && key.hash >= fromHash && key.hash <= toHash && (after === undefined || compareKeys(key, after) > 0),
        )
        .slice(0, limit)
        .map(({ key, accepted, value }) => ({ key, accepted, head: value.head, inlineBytes: value.inline?.length ?? 0 })),
    readState: (name) => states.get(name),
    write: async (batch) => {
      await Promise.resolve();
      for (const write of batch) apply(write);
    },
    count: (ring) => inOrder().filter(({ key }) => key.ring === ring).length,
    close: () => Promise.resolve(),
  };
}

function compareKeys(left: RegisterKey, right: RegisterKey): number {
  if (left.ring !== right.ring) return left.ring < right.ring ? -1 : 1;
  return left.hash - right.hash || compareBytes(left.key, right.key);
}
