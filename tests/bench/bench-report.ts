import type { ConsoleReport } from './console/measure-console.ts';
import type { FrameTimes } from './console/page-measures.ts';
import type { HugeObjectResult } from './huge-object.ts';
import type { LookupResult } from './lookup.ts';
import { phases } from './plan.ts';
import type { PhaseSummary } from './summary.ts';

export interface MemorySummary {
  readonly process: string;
  readonly idleMiB: number;
  readonly underLoadMiB: number;
}

/** What one run found; `--json` prints it as it is. Figures of the storage are there unless only the console was asked for. */
export interface BenchReport extends Partial<StorageReport> {
  readonly startedAt: string;
  readonly form: 'full' | 'quick';
  readonly machine: { readonly cores: number; readonly node: string; readonly loadBefore: number; readonly loadAfter: number };
  /** Null: not asked for. */
  readonly lookup: LookupResult | null;
  /** Null: not asked for, or there is no browser here. */
  readonly console: ConsoleReport | null;
}

export interface StorageReport {
  readonly demoReadySeconds: { readonly first: number; readonly second: number };
  readonly speed: readonly PhaseSummary[];
  readonly memory: readonly MemorySummary[];
  readonly hugeObject: HugeObjectResult;
}

export function describeReport(report: BenchReport): string {
  const { machine } = report;
  return [
    `${report.startedAt}, ${machine.cores} cores, Node ${machine.node}, load ${machine.loadBefore} before and ${machine.loadAfter} after`,
    ...(report.lookup === null ? [] : describeLookup(report.lookup)),
    ...(hasStorage(report) ? describeStorage(report) : []),
    ...(report.console === null ? [] : ['', ...describeConsole(report.console)]),
  ].join('\n');
}

function hasStorage(report: BenchReport): report is BenchReport & StorageReport {
  return report.speed !== undefined;
}

const mebibytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`;

function describeConsole(report: ConsoleReport): string[] {
  const percent = (part: number): string => `${(100 * part).toFixed(1)} %`;
  const growth = report.heapAfterBytes / report.heapBeforeBytes - 1;
  return [
    `the console with ${report.nodes} nodes, ${report.updatesSeen} updates a second`,
    `  Controller: ${percent(report.probingCores)} of a core for probing alone, ${percent(report.updatingCores)} with updates and a page`,
    `  Overview painted after ${report.overviewPaintedMs} ms, its rings after ${report.ringsPaintedMs} ms; ${Math.round(report.scriptBytes / 1000)} kB of compressed scripts until the former`,
    `  frames while dragging and zooming: ${describeFrames(report.mapFrames)} on the map, ${describeFrames(report.treeFrames)} on the tree`,
    `  heap of the page ${mebibytes(report.heapBeforeBytes)}, then ${mebibytes(report.heapAfterBytes)} (${percent(growth)} more)`,
    ...report.faults.map((fault) => `  the page said: ${fault}`),
  ];
}

const describeFrames = ({ p50Ms, p95Ms, worstMs, frames }: FrameTimes): string =>
  `p50 ${p50Ms}, p95 ${p95Ms}, worst ${worstMs} ms (${frames} frames)`;

function describeLookup(lookup: LookupResult): string[] {
  return [
    ...table([
      ['from a name to its nodes', `of ${lookup.nodes}`, 'CPU ns', 'heap bytes'],
      ...lookup.speeds.map(({ name, nanoseconds, heapBytes }) => [name, '', String(nanoseconds), String(heapBytes)]),
    ]),
    `a lookup takes ${lookup.ratio} times the bare hash plus array index`,
    '',
  ];
}

function describeStorage(report: StorageReport): string[] {
  const { hugeObject, demoReadySeconds } = report;
  return [
    `demo ready after ${demoReadySeconds.first} s, started again after ${demoReadySeconds.second} s`,
    '',
    ...table([
      ['', 'target', 'rate', '', 'x file server', 'p50 ms', 'p99 ms', 'server CPU ms', 'failed', 'generator CPU'],
      ...phases.flatMap((phase) => report.speed.filter((row) => row.phase === phase).map(speedRow)),
    ]),
    '',
    ...table([
      ['memory', 'idle MiB', 'under load MiB'],
      ...report.memory.map((row) => [row.process, String(row.idleMiB), String(row.underLoadMiB)]),
    ]),
    '',
    `an object of ${mebibytes(hugeObject.bytes)} through one node and back through another: put ${hugeObject.putSeconds.toFixed(1)} s, get ${hugeObject.getSeconds.toFixed(1)} s, ` +
      `${hugeObject.isIdentical ? 'identical' : 'NOT IDENTICAL'}; it added ${hugeObject.addedBytes.map(mebibytes).join(', ')} to the nodes`,
  ];
}

function speedRow(row: PhaseSummary): string[] {
  const failed = Object.values(row.failures).reduce((sum, count) => sum + count, 0);
  const text = (value: number | null): string => (value === null ? '-' : String(value));
  return [
    row.phase,
    row.target,
    text(row.rate),
    row.unit,
    text(row.ratio),
    text(row.p50Ms),
    text(row.p99Ms),
    text(row.serverCpuMs),
    String(failed),
    text(row.generatorCpu),
  ];
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) =>
    row.map((cell, column) => (column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  '),
  );
}
