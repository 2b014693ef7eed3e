import { describe, expect, it } from 'vitest';
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { BenchReport } from '../bench/bench-report.ts';
import { phases } from '../bench/plan.ts';

const program = fileURLToPath(new URL('../bench/bench.ts', import.meta.url));
const isLongRun = process.env.MCOS_LONG === '1';
const mebibyte = 2 ** 20;

/** What a busy machine still allows: a tenth of what is expected of a quiet one. The dated figures are in docs/results. */
const leastRatios = { 'put-small': 0.065, 'get-small': 0.03, 'put-large': 0.022, 'get-large': 0.02 } as const;

async function runQuickBench(): Promise<BenchReport> {
  const child = spawn(process.execPath, [program, '--quick', '--json', '--base-port', '17900'], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [output, said] = await Promise.all([text(child.stdout), text(child.stderr)]);
  if (output === '') throw new Error(`the bench printed nothing:\n${said}`);
  return JSON.parse(output) as BenchReport;
}

// Runs with npm run test:long only: it takes minutes, and its figures say little beside other tests.
describe.skipIf(!isLongRun)('npm run bench -- --quick --json', () => {
  it('measures every phase of every target, without failures, and memory stays within its bound', { timeout: 900_000 }, async () => {
    const report = await runQuickBench();
    const page = report.console;
    for (const phase of phases) {
      const rows = (report.speed ?? []).filter((row) => row.phase === phase);
      expect(rows.map((row) => row.target)).toEqual(phase === 'list' ? ['s3rver', 'mcos'] : ['file server', 's3rver', 'mcos']);
      for (const row of rows) {
        expect(row.failures, `${row.target} ${phase}`).toEqual({});
        expect(row.rate, `${row.target} ${phase}`).toBeGreaterThan(0);
      }
    }
    const mcos = (phase: string) => report.speed?.find((row) => row.target === 'mcos' && row.phase === phase);
    for (const [phase, least] of Object.entries(leastRatios)) expect(mcos(phase)?.ratio, phase).toBeGreaterThan(least);
    expect(mcos('list')?.rate).toBeGreaterThan(3_200);

    // A name is found without allocating, for little more than its hash; a heap that is read while others run has a byte of noise.
    expect(report.lookup?.ratio).toBeLessThan(1.25);
    expect(report.lookup?.speeds.find(({ name }) => name === 'mcos')?.heapBytes).toBeLessThan(1);

    expect(report.hugeObject?.isIdentical).toBe(true);
    for (const added of report.hugeObject?.addedBytes ?? []) expect(added / mebibyte).toBeLessThan(100);
    expect(report.demoReadySeconds?.second).toBeLessThan(3 * 15);
    if (page === null) return;
    expect(page.faults).toEqual([]);
    expect(page.scriptBytes).toBeLessThan(300_000);
    expect(page.overviewPaintedMs).toBeLessThan(3 * 1_500);
    expect(page.probingCores).toBeLessThan(3 * 0.2);
    expect(page.updatesSeen).toBeGreaterThan(0.8 * page.updatesPerSecond);
  });
});
