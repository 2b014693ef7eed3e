import { defineConfig } from 'vitest/config';

/**
 * Two groups of tests. `unit` also holds the contract tests of the adapters and the tests of the
 * simulator, which finish in seconds; `integration` starts whole clusters as processes, one file after another.
 * The pages' end-to-end tests run with Playwright, not here.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          environment: 'node',
          include: [
            'backend/**/*.test.ts',
            'renderer/**/*.test.ts',
            'electron/**/*.test.ts',
            'scripts/**/*.test.ts',
            'tests/contract/**/*.test.ts',
            'tests/simulation/**/*.test.ts',
            'tests/bench/**/*.test.ts',
            'tests/integration/support/**/*.test.ts',
          ],
          exclude: ['**/node_modules/**', 'renderer/**/e2e/**'],
          testTimeout: 20_000,
          hookTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'integration',
          environment: 'node',
          include: ['tests/integration/*.test.ts'],
          fileParallelism: false,
          sequence: { concurrent: false },
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
