// npm run typecheck: the backend, tests and scripts with tsc, the pages with vue-tsc.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot, runSteps, type Step } from './run-step.ts';

const steps: Step[] = [{ name: 'tsc', script: 'node_modules/typescript/bin/tsc', parameters: ['-p', '.'], severity: 'required' }];
if (existsSync(join(projectRoot, 'renderer/tsconfig.json'))) {
  steps.push({
    name: 'vue-tsc',
    script: 'node_modules/vue-tsc/bin/vue-tsc.js',
    parameters: ['--noEmit', '-p', 'renderer/tsconfig.json'],
    severity: 'required',
  });
}
process.exitCode = await runSteps(steps);
