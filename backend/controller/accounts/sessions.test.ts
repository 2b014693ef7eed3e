import { describe, expect, it } from 'vitest';
import { createSystemRandom } from '../../adapters/system/system-random.ts';
import type { DocumentStore } from '../../base/document-store.ts';
import { silentLogger } from '../../base/logger.ts';
import { FailureError } from '../../base/outcome.ts';
import { failure } from '../../contracts/errors.ts';
import { createManualClock } from '../testing/manual-clock.ts';
import { createMemoryDocumentStore } from '../testing/memory-document-store.ts';
import { createSessions } from './sessions.ts';

const minuteMs = 60_000;

function setUp() {
  const clock = createManualClock();
  const memory = createMemoryDocumentStore();
  const disk: { state: 'works' | 'full' } = { state: 'works' };
  const documents: DocumentStore = {
    ...memory,
    commit: (changes) => {
      if (disk.state === 'full') throw new FailureError(failure('StorageFull', 'No space left for controller.sqlite.'));
      memory.commit(changes);
    },
  };
  const said: string[] = [];
  const logger = { ...silentLogger, warn: (_fields: object, message: string) => void said.push(message) };
  const open = () => createSessions({ clock, random: createSystemRandom(), documents, logger });
  return { clock, disk, documents, open, said, sessions: open() };
}

describe('sessions of administrators', () => {
  it('end after 30 minutes without use, and not before', async () => {
    const { clock, sessions } = setUp();
    const { token } = sessions.create('admin');
    await clock.advance(30 * minuteMs - 1);
    expect(sessions.peek(token)?.username).toBe('admin');
    await clock.advance(1);
    expect(sessions.peek(token)).toBeUndefined();
    expect(sessions.use(token)).toBeUndefined();
  });

  it('live on with use, looking does not count, and end after 12 hours all the same', async () => {
    const { clock, sessions } = setUp();
    const { token } = sessions.create('admin');
    for (let minutes = 0; minutes + 20 < 12 * 60; minutes += 20) {
      await clock.advance(20 * minuteMs);
      expect(sessions.use(token), `after ${minutes + 20} min`).toBeDefined();
    }
    await clock.advance(20 * minuteMs);
    expect(sessions.use(token)).toBeUndefined();

    const looked = sessions.create('admin').token;
    await clock.advance(20 * minuteMs);
    expect(sessions.peek(looked)).toBeDefined();
    await clock.advance(11 * minuteMs);
    expect(sessions.peek(looked)).toBeUndefined();
  });

  it('live on with use on a full disk, which is told once; what is written afterwards counts over a restart', async () => {
    const { clock, disk, open, said, sessions } = setUp();
    const { token } = sessions.create('admin');
    disk.state = 'full';
    for (let minutes = 20; minutes <= 60; minutes += 20) {
      await clock.advance(20 * minuteMs);
      expect(sessions.use(token)?.username, `after ${minutes} min`).toBe('admin');
    }
    expect(said).toEqual(['the use of sessions cannot be kept; they go on in memory']);
    // The disk knows of no use at all.
    expect(open().peek(token)).toBeUndefined();
    expect(() => sessions.create('admin')).toThrow('No space left');
    disk.state = 'works';
    await clock.advance(2 * minuteMs);
    expect(sessions.use(token)).toBeDefined();
    expect(open().peek(token)).toBeDefined();
    await clock.advance(30 * minuteMs);
    expect(sessions.peek(token)).toBeUndefined();
  });

  it('end on a full disk too when somebody logs out, and are forgotten when it takes something again', () => {
    const { disk, documents, open, sessions } = setUp();
    const { token } = sessions.create('admin');
    disk.state = 'full';
    sessions.end(token);
    sessions.end('a token of nobody');
    expect(sessions.use(token)).toBeUndefined();
    expect(sessions.peek(token)).toBeUndefined();
    disk.state = 'works';
    const other = sessions.create('admin').token;
    expect(documents.count('sessions')).toBe(1);
    expect(open().peek(token)).toBeUndefined();
    expect(open().peek(other)).toBeDefined();
  });

  it('are 256 bits of which only a hash is kept, and survive a restart', () => {
    const { documents, open, sessions } = setUp();
    const { token } = sessions.create('admin');
    expect(Buffer.from(token, 'base64url')).toHaveLength(32);
    expect(JSON.stringify(documents.list('sessions'))).not.toContain(token);
    expect(open().use(token)?.username).toBe('admin');
    sessions.end(token);
    expect(open().use(token)).toBeUndefined();
  });
});
