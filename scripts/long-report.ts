export interface LongStepResult {
  readonly name: string;
  readonly outcome: 'passed' | 'failed' | 'left out';
  readonly seconds: number;
  /** The end of what it printed, or why it was left out. */
  readonly said: readonly string[];
}

/** The dated report of `npm run test:long`. */
export function describeLongRun(run: { date: string; machine: string; results: readonly LongStepResult[] }): string {
  const rows = run.results.map((result) => `| ${result.name} | ${result.outcome} | ${result.seconds} s |`);
  const details = run.results.map((result) => `## ${result.name}\n\n\`\`\`\n${result.said.join('\n')}\n\`\`\`\n`);
  return [
    `# Long tests, ${run.date}\n`,
    `Machine: ${run.machine}.\n`,
    ['| step | outcome | time |', '| --- | --- | --- |', ...rows].join('\n') + '\n',
    ...details,
  ].join('\n');
}

/** The last `count` lines with something on them, without what colours a terminal. */
export function lastLines(output: string, count: number): string[] {
  const escapes = new RegExp(String.fromCharCode(27) + '\\[[0-9;]*m', 'g');
  return output
    .replaceAll(escapes, '')
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
    .slice(-count);
}
