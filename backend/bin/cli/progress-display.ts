/** Where progress is shown. */
export interface ProgressOutput {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** One state of something that goes on. */
export interface ProgressLine {
  readonly text: string;
  /** 0 to 1, when it is known. */
  readonly done?: number;
}

const barWidth = 24;

/**
 * Shows progress: on a terminal as a bar on one line that is written over, elsewhere as a line
 * whenever the text changes. `null` ends it.
 */
export function createProgressDisplay(output: ProgressOutput): (line: ProgressLine | null) => void {
  let shown = '';
  return (line) => {
    const text = line === null ? '' : render(line);
    if (output.isTTY !== true) {
      if (text !== shown && text !== '') output.write(`${text}\n`);
    } else if (text !== shown) output.write(`\r\u001B[K${text.slice(0, Math.max(20, (output.columns ?? 80) - 1))}`);
    shown = text;
  };
}

function render({ text, done }: ProgressLine): string {
  if (done === undefined) return text;
  const filled = Math.round(Math.min(1, Math.max(0, done)) * barWidth);
  return `[${'#'.repeat(filled)}${'-'.repeat(barWidth - filled)}] ${Math.floor(done * 100)} % ${text}`;
}
