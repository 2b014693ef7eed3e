import { describe, expect, it } from 'vitest';
import { forbiddenReason, guardedLookup, isForbiddenAddress } from './address-guard.ts';

describe('addresses given by others', () => {
  it('may be anything but link-local and metadata services', () => {
    for (const address of [
      '169.254.169.254',
      '169.254.0.1',
      'fe80::1',
      'fd00:ec2::254',
      '::ffff:169.254.169.254',
      '100.100.100.200',
      '168.63.129.16',
    ]) {
      expect([address, isForbiddenAddress(address)]).toEqual([address, true]);
    }
    for (const address of ['127.0.0.1', '10.0.0.1', '192.168.1.1', '203.0.113.9', '::1', '2001:db8::1', 'fd00::1']) {
      expect([address, isForbiddenAddress(address)]).toEqual([address, false]);
    }
    expect(forbiddenReason('[fe80::1]')).toContain('fe80::1');
    expect(forbiddenReason('node.example')).toBeUndefined();
  });

  it('cannot be hidden behind other spellings, because URLs and look-ups normalize them', () => {
    for (const url of ['https://0xa9fea9fe/', 'https://2852039166/', 'https://169.254.43518/'])
      expect(forbiddenReason(new URL(url).hostname)).toBeDefined();
  });

  it('are filtered after the name was looked up', async () => {
    const resolve = (host: string) =>
      new Promise((done) => guardedLookup(host, { all: true }, (error, addresses) => done(error?.message ?? addresses)));
    expect(await resolve('127.0.0.1')).toEqual([{ address: '127.0.0.1', family: 4 }]);
    expect(await resolve('169.254.169.254')).toContain('leads to link-local');
    const single = await new Promise((done) => guardedLookup('127.0.0.1', {}, (_error, address, family) => done([address, family])));
    expect(single).toEqual(['127.0.0.1', 4]);
  });
});
