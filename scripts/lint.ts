// npm run lint: form (prettier), style (eslint), layers (dependency-cruiser), nothing unused (knip).
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot, runSteps } from './run-step.ts';

const sourceFolders = ['backend', 'tests', 'scripts', 'renderer', 'electron'].filter((folder) => existsSync(join(projectRoot, folder)));

process.exitCode = await runSteps([
  {
    name: 'prettier',
    script: 'node_modules/prettier/bin/prettier.cjs',
    parameters: ['--check', '--log-level', 'warn', '.'],
    severity: 'required',
  },
  { name: 'eslint', script: 'node_modules/eslint/bin/eslint.js', parameters: ['.', '--max-warnings', '0'], severity: 'required' },
  {
    name: 'dependency-cruiser',
    script: 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs',
    parameters: ['--config', '.dependency-cruiser.cjs', ...sourceFolders],
    severity: 'required',
  },
  { name: 'knip', script: 'node_modules/knip/bin/knip.js', parameters: ['--no-progress'], severity: 'required' },
]);
