import { describe, expect, it } from 'vitest';
import { FailureError } from '../../backend/base/outcome.ts';
import { failure } from '../../backend/contracts/errors.ts';
import { unusable } from '../../backend/adapters/storage/data-directory.ts';
import { createControllerHost, whyOf, type ControllerHost, type RunningController } from './controller-host.ts';

interface Harness {
  readonly host: ControllerHost;
  readonly logged: string[];
  readonly states: string[];
  readonly ended: PromiseWithResolvers<{ reason: string }>;
  running: number;
  most: number;
  problem: Error | null;
}

function harness(): Harness {
  const logged: string[] = [];
  const states: string[] = [];
  const start = async (): Promise<RunningController> => {
    if (self.problem !== null) throw self.problem;
    self.running++;
    self.most = Math.max(self.most, self.running);
    return {
      consoleUrl: 'http://127.0.0.1:7401',
      clusterUrl: 'https://127.0.0.1:7400',
      caCertificatePem: '',
      ended: self.ended.promise,
      stop: async () => {
        self.running--;
      },
    };
  };
  const host = createControllerHost({ start, onChange: () => states.push(host.state.kind), log: (text) => logged.push(text) });
  const self: Harness = { ended: Promise.withResolvers(), host, logged, states, running: 0, most: 0, problem: null };
  return self;
}

describe('the Controller in the app', () => {
  it('runs once, however often it is started', async () => {
    const all = harness();
    await Promise.all([all.host.start(), all.host.start(), all.host.restart()]);
    expect(all.host.state).toEqual({ kind: 'running', consoleUrl: 'http://127.0.0.1:7401', clusterUrl: 'https://127.0.0.1:7400' });
    expect(all.most).toBe(1);
    await all.host.stop();
    expect(all.running).toBe(0);
    expect(all.host.state.kind).toBe('stopped');
  });

  it('tells why it did not start, and starts when the reason is gone', async () => {
    const all = harness();
    all.problem = Object.assign(new Error('listen EADDRINUSE'), { code: 'EADDRINUSE', port: 7400 });
    expect(await all.host.start()).toEqual({
      kind: 'failed',
      reason: expect.stringContaining('port 7400'),
      spoken: expect.objectContaining({ sentenceKey: 'desktopRefusal.portTaken', sentenceValues: { port: '7400' } }),
    });
    all.problem = null;
    expect(await all.host.restart()).toMatchObject({ kind: 'running' });
  });

  it('is taken down after a crash, with the reason shown and the particulars in the log', async () => {
    const all = harness();
    await all.host.start();
    await all.host.crashed(new Error('boom'));
    expect(all.host.state).toMatchObject({
      kind: 'failed',
      reason: 'It ended because of a defect: boom',
      spoken: { sentenceKey: 'desktopRefusal.endedByDefect', sentenceValues: { reason: 'boom' } },
    });
    expect(all.running).toBe(0);
    expect(all.logged[0]).toContain('controller-host.test.ts');
    expect(await all.host.restart()).toMatchObject({ kind: 'running' });
    expect(all.states).toEqual(['starting', 'running', 'failed', 'starting', 'running']);
  });

  it('tells of a data directory that is read-only for translations as well, with what the system says', async () => {
    const all = harness();
    const error = Object.assign(new Error("EROFS: read-only file system, mkdir '/data'"), { code: 'EROFS' });
    all.problem = new FailureError(unusable('/data', error));
    expect(await all.host.start()).toMatchObject({
      spoken: { sentenceKey: 'storage.directoryReadOnly', sentenceReason: { sentenceKey: 'system.EROFS' } },
    });
  });

  it('shows the reason when it cannot go on by itself', async () => {
    const all = harness();
    await all.host.start();
    all.ended.resolve({ reason: 'The disk failed.' });
    await expect.poll(() => all.host.state).toEqual({ kind: 'failed', reason: 'The disk failed.' });
    expect(all.running).toBe(0);
  });

  it('is not to blame for what fails while it does not run', async () => {
    const all = harness();
    await all.host.crashed(new Error('a page'));
    expect(all.host.state.kind).toBe('stopped');
  });

  it('passes sentences of expected failures on', () => {
    expect(whyOf(new FailureError(failure('DataDirectoryInUse', 'Held by process 7.')))).toMatchObject({ sentence: 'Held by process 7.' });
  });
});
