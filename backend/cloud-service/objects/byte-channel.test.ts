import { describe, expect, it } from 'vitest';
import { ByteChannel } from './byte-channel.ts';

async function sizesOf(channel: ByteChannel): Promise<number[]> {
  const sizes: number[] = [];
  for await (const chunk of channel) sizes.push(chunk.length);
  return sizes;
}

describe('a channel', () => {
  it('hands over what was pushed before its end', async () => {
    const channel = new ByteChannel();
    expect(channel.push(new Uint8Array(3))).toBeUndefined();
    expect(channel.push(new Uint8Array(4))).toBeUndefined();
    channel.end();
    expect(await sizesOf(channel)).toEqual([3, 4]);
  });

  it('that fails after its end, with chunks still waiting, throws: a part is not the whole', async () => {
    const channel = new ByteChannel();
    expect(channel.push(new Uint8Array(3))).toBeUndefined();
    channel.end();
    channel.fail(new Error('given up'));
    await expect(sizesOf(channel)).rejects.toThrow('given up');
  });

  it('lets its producer go on when the consumer has made room, or has gone', async () => {
    const channel = new ByteChannel();
    const room = channel.push(new Uint8Array(300 * 1024));
    expect(room).toBeDefined();
    const iterator = channel[Symbol.asyncIterator]();
    await iterator.next();
    await room;
    const more = channel.push(new Uint8Array(300 * 1024));
    await iterator.return(undefined);
    await more;
    expect(channel.push(new Uint8Array(300 * 1024))).toBeUndefined();
  });
});
