import { describe, expect, it } from 'vitest';
import { createScryptPasswordHasher } from './scrypt-password-hasher.ts';

describe('password hashes', () => {
  const cheap = createScryptPasswordHasher({ N: 1024 });

  it('match their password only, and never twice the same', async () => {
    const hashed = await cheap.hash('päss word');
    expect(hashed).toMatch(/^scrypt\$1024\$8\$1\$/);
    expect(await cheap.verify('päss word', hashed)).toBe(true);
    expect(await cheap.verify('päss  word', hashed)).toBe(false);
    expect(await cheap.verify('', hashed)).toBe(false);
    expect(await cheap.hash('päss word')).not.toBe(hashed);
  });

  it('are the same for composed and decomposed letters', async () => {
    expect(await cheap.verify('pa\u0308ss', await cheap.hash('p\u00e4ss'))).toBe(true);
  });

  it('work at the full cost, and say it themselves', async () => {
    const hashed = await createScryptPasswordHasher().hash('x');
    expect(hashed).toMatch(/^scrypt\$131072\$8\$1\$/);
    expect(await cheap.verify('x', hashed)).toBe(true);
  });

  it('of unknown or absurd form match nothing', async () => {
    const [, , , , salt, hash] = (await cheap.hash('x')).split('$');
    for (const bad of [
      '',
      'x',
      `scrypt$1000$8$1$${salt}$${hash}`,
      `scrypt$9999999$8$1$${salt}$${hash}`,
      `scrypt$1024$99$1$${salt}$${hash}`,
      `scrypt$1024$8$1$${salt}$`,
    ]) {
      expect(await cheap.verify('x', bad)).toBe(false);
    }
  });
});
