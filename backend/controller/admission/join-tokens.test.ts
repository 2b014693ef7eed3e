import { describe, expect, it } from 'vitest';
import { createSystemRandom } from '../../adapters/system/system-random.ts';
import { createManualClock } from '../testing/manual-clock.ts';
import { createMemoryDocumentStore } from '../testing/memory-document-store.ts';
import { createJoinTokens } from './join-tokens.ts';

const key = 'a'.repeat(64);
const otherKey = 'b'.repeat(64);

function setUp() {
  const clock = createManualClock();
  const documents = createMemoryDocumentStore();
  const tokens = createJoinTokens({ clock, random: createSystemRandom(), documents, authorityDigest: 'c'.repeat(64) });
  const { id, token } = tokens.create({});
  return { clock, documents, tokens, id, token, secret: token.split('.')[3] as string };
}

const codeOf = (outcome: ReturnType<ReturnType<typeof setUp>['tokens']['check']>): string => (outcome.ok ? 'ok' : outcome.failure.code);

describe('join tokens', () => {
  it('have the written form and keep no secret', () => {
    const { token, documents, secret } = setUp();
    expect(token).toMatch(/^mcos1\.[0-9a-f]+\.[A-Za-z0-9_-]{43}\.[A-Za-z0-9_-]{22}$/);
    expect(JSON.stringify(documents.list('tokens'))).not.toContain(secret);
  });

  it('open for the key that used them and for no other', () => {
    const { tokens, documents, id, secret } = setUp();
    expect(codeOf(tokens.check(id, secret, key))).toBe('ok');
    documents.commit([tokens.used(id, key, 'one')]);
    expect(codeOf(tokens.check(id, secret, key))).toBe('ok');
    expect(codeOf(tokens.check(id, secret, otherKey))).toBe('TokenUsed');
    expect(tokens.list()).toMatchObject([{ id, state: 'used', usedBy: 'one' }]);
  });

  it('are refused when wrong, unknown, revoked or older than an hour', async () => {
    const { tokens, clock, id, secret } = setUp();
    expect(codeOf(tokens.check(id, `${secret.slice(0, -1)}~`, key))).toBe('TokenInvalid');
    expect(codeOf(tokens.check('nothing', secret, key))).toBe('TokenInvalid');
    await clock.advance(3_599_000);
    expect(codeOf(tokens.check(id, secret, key))).toBe('ok');
    await clock.advance(1_000);
    expect(codeOf(tokens.check(id, secret, key))).toBe('TokenExpired');
    expect(tokens.list()[0]?.state).toBe('expired');
    expect(tokens.revoke(id).ok).toBe(true);
    expect(codeOf(tokens.check(id, secret, key))).toBe('TokenRevoked');
    expect(tokens.revoke('nothing').ok).toBe(false);
  });
});
