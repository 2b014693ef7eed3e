import { describe, expect, it } from 'vitest';
import { isLoopback } from './loopback.ts';

describe('loopback, where plain HTTP is spoken', () => {
  it('is the three spellings, and no name that only looks like one', () => {
    for (const host of ['localhost', '::1', '127.0.0.1', '127.255.0.9']) expect(isLoopback(host), host).toBe(true);
    for (const host of ['127.example.org', '127.0.0.1.example.org', '127.1', '0.0.0.0', '::', '10.0.0.1', '', 'localhost.example.org'])
      expect(isLoopback(host), host).toBe(false);
  });
});
