// npm test: unit tests, then whole clusters, then the pages in a browser where there is one.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findChromium } from './find-chromium.ts';
import { projectRoot, runSteps, type Step } from './run-step.ts';

const vitest = 'node_modules/vitest/vitest.mjs';
const steps: Step[] = [
  { name: 'unit tests', script: vitest, parameters: ['run', '--project', 'unit', '--passWithNoTests'], severity: 'required' },
  { name: 'integration tests', script: vitest, parameters: ['run', '--project', 'integration', '--passWithNoTests'], severity: 'required' },
];

const chromium = findChromium();
const hasPageTests = existsSync(join(projectRoot, 'playwright.config.ts'));
if (hasPageTests && chromium !== null) {
  process.env.MCOS_CHROMIUM = chromium;
  steps.push({
    name: 'page tests',
    script: 'node_modules/@playwright/test/cli.js',
    parameters: ['test', '--pass-with-no-tests'],
    severity: 'required',
  });
}

const code = await runSteps(steps);
if (hasPageTests && chromium === null)
  console.log('left out: the page tests, because no Chromium is installed here (Debian package "chromium")');
process.exitCode = code;
