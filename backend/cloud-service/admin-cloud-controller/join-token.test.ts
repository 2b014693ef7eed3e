import { describe, expect, it } from 'vitest';
import { parseJoinToken } from './join-token.ts';

const digest = 'A'.repeat(42) + '_';

describe('parseJoinToken', () => {
  it('takes a token apart', () => {
    expect(parseJoinToken(` mcos1.t-1.${digest}.0123456789abcdef\n`)).toEqual({
      ok: true,
      value: { id: 't-1', authorityDigest: digest, secret: '0123456789abcdef' },
    });
  });

  it.each([
    '',
    'mcos1',
    'mcos2.t.' + digest + '.0123456789abcdef',
    `mcos1.t.${digest.slice(1)}.0123456789abcdef`,
    `mcos1.t.${digest}.short`,
    `mcos1.t.${digest}.0123456789abcdef.more`,
    `mcos1..${digest}.0123456789abcdef`,
  ])('refuses %j', (text) => {
    const parsed = parseJoinToken(text);
    expect(parsed.ok ? 'ok' : parsed.failure.code).toBe('TokenInvalid');
  });

  it('does not repeat the secret', () => {
    const parsed = parseJoinToken(`mcos1.t.${digest}.topsecretvalue.x`);
    expect(JSON.stringify(parsed)).not.toContain('topsecret');
  });
});
