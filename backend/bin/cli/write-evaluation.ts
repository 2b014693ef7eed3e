import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CommandError, usageError } from './command-error.ts';

/** Builds the rings of a scenario file into `directory`, one file a step, and answers their names. */
export async function writeEvaluation(scenarioFile: string, directory: string, show: (line: string) => void): Promise<string[]> {
  const text = await readFile(scenarioFile, 'utf8').catch((error: unknown) => {
    throw usageError(`The scenario file "${scenarioFile}" cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  });
  const scenarios = parseJson(text, scenarioFile);
  await mkdir(directory, { recursive: true });
  const files: string[] = [];
  const { evaluateScenarios } = await import('../../ring/evaluate.ts');
  for (const step of evaluateScenarios(scenarios)) {
    await writeFile(join(directory, step.fileName), step.json);
    files.push(step.fileName);
    show(step.fileName);
  }
  return files;
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CommandError(
      'InvalidArgument',
      `The scenario file "${file}" is no JSON: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
