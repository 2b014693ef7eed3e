import type { Ballot } from '../../register/ballot.ts';

/** Length of a ballot in a row: epoch 6, counter 6, node id 8, boot number 4; big-endian, so that memcmp is the order of ballots. */
export const ballotBytesLength = 24;

const zeroNodeId = '0000000000000000';

/** Ballot as a row keeps it. Throws a RangeError on a number that does not fit. */
export function ballotToBytes(ballot: Ballot): Uint8Array {
  const bytes = Buffer.allocUnsafe(ballotBytesLength);
  bytes.writeUIntBE(ballot.epoch, 0, 6);
  bytes.writeUIntBE(ballot.counter, 6, 6);
  bytes.write(ballot.nodeId === '' ? zeroNodeId : ballot.nodeId, 12, 8, 'hex');
  bytes.writeUInt32BE(ballot.boot, 20);
  return bytes;
}

export function ballotFromBytes(bytes: Uint8Array): Ballot {
  if (bytes.length !== ballotBytesLength) throw new RangeError(`a stored ballot has ${ballotBytesLength} bytes, not ${bytes.length}`);
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const nodeId = view.toString('hex', 12, 20);
  return {
    epoch: view.readUIntBE(0, 6),
    counter: view.readUIntBE(6, 6),
    nodeId: nodeId === zeroNodeId ? '' : nodeId,
    boot: view.readUInt32BE(20),
  };
}
