// npm run test:long: the tests of whole clusters at their full lengths. Files can be named: npm run test:long -- tests/integration/s3-clients.test.ts
import { runSteps } from './run-step.ts';

// Tests raise their counts and sizes by this; `npm test` runs the same files short.
process.env.MCOS_LONG = '1';
process.exitCode = await runSteps([
  {
    name: 'integration tests, full length',
    script: 'node_modules/vitest/vitest.mjs',
    parameters: ['run', '--project', 'integration', ...process.argv.slice(2)],
    severity: 'required',
  },
]);
