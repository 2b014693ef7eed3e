import { describe, expect, it } from 'vitest';
import { checkAddresses, forbiddenRange } from './check-addresses.ts';

const good = { cluster: 'https://10.1.2.3:7410', s3: 'http://127.0.0.1:7411', dashboard: 'https://node.example:7412' };

describe('addresses of nodes', () => {
  it('may be private, loopback and names', async () => {
    expect((await checkAddresses(good, () => Promise.resolve(['192.168.1.1']))).ok).toBe(true);
  });

  it.each([
    'https://169.254.169.254:80',
    'https://0xA9FEA9FE:80',
    'https://2852039166',
    'https://[fe80::1]:7410',
    'https://[::ffff:169.254.169.254]:7410',
    'https://[64:ff9b::a9fe:a9fe]:1',
    'https://[fd00:ec2::254]',
    'https://metadata.google.internal',
    'https://0.0.0.0:7410',
    'https://[::]:7410',
    'https://239.1.1.1:7410',
    'https://255.255.255.255',
    'https://user:secret@10.0.0.1:7410',
    'https://10.0.0.1:7410/path',
    'https://10.0.0.1:0',
    'https://',
  ])('may not be %s', async (cluster) => {
    const outcome = await checkAddresses({ ...good, cluster });
    expect(outcome).toMatchObject({ ok: false, failure: { code: 'InvalidArgument', details: { path: 'addresses.cluster' } } });
    if (!outcome.ok) expect(outcome.failure.message).toContain(cluster);
  });

  it('are looked at after resolving', async () => {
    const outcome = await checkAddresses(good, (host) => Promise.resolve(host === 'node.example' ? ['10.0.0.1', '169.254.169.254'] : []));
    expect(outcome).toMatchObject({ ok: false, failure: { details: { path: 'addresses.dashboard' } } });
  });

  it('outside the ranges are left alone', () => {
    for (const address of ['10.0.0.1', '8.8.8.8', '2001:db8::1', '127.0.0.1', '::1', 'fd12::1'])
      expect(forbiddenRange(address)).toBeUndefined();
  });
});
