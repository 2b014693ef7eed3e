import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RingDump } from '../../ring/evaluate.ts';
import { CommandError, usageError } from './command-error.ts';

/**
 * Builds the rings of a scenario file into `directory`, one file a step, and answers their names.
 * `show` is told about each step as soon as it is written: large rings take seconds.
 */
export async function writeEvaluation(scenarioFile: string, directory: string, show: (line: string) => void): Promise<string[]> {
  const text = await readFile(scenarioFile, 'utf8').catch((error: unknown) => {
    throw usageError(`The scenario file "${scenarioFile}" cannot be read: ${messageOf(error)}`);
  });
  const scenarios = parseJson(text, scenarioFile);
  const files: string[] = [];
  const { evaluateScenarios } = await import('../../ring/evaluate.ts');
  const steps = evaluateScenarios(scenarios, () => performance.now())[Symbol.iterator]();
  for (let step = nextStep(steps, scenarioFile); step !== null; step = nextStep(steps, scenarioFile)) {
    await writeStep(directory, step);
    files.push(step.fileName);
    show(`${step.fileName} is written`);
  }
  return files;
}

/** A file of another form, or nodes of which no ring can be made, are mistakes in the file. */
function nextStep(steps: Iterator<RingDump>, file: string): RingDump | null {
  try {
    const next = steps.next();
    return next.done === true ? null : next.value;
  } catch (error) {
    if (!(error instanceof TypeError) && !(error instanceof RangeError)) throw error;
    throw new CommandError('InvalidArgument', `The scenario file "${file}" cannot be used: ${error.message}.`);
  }
}

async function writeStep(directory: string, step: RingDump): Promise<void> {
  try {
    await mkdir(directory, { recursive: true });
    await writeFile(join(directory, step.fileName), step.json);
  } catch (error) {
    throw new CommandError('StorageFailed', `--out: "${directory}" cannot be written to: ${messageOf(error)}`);
  }
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CommandError('InvalidArgument', `The scenario file "${file}" is no JSON: ${messageOf(error)}`);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
