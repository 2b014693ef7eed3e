import eslint from '@eslint/js';
import globals from 'globals';
import vue from 'eslint-plugin-vue';
import tseslint from 'typescript-eslint';

const viaPorts = 'comes through a port of backend/base (Clock, Random), so that the simulator can run this code';
const randomNames = ['randomBytes', 'randomFill', 'randomFillSync', 'randomInt', 'randomUUID', 'getRandomValues', 'webcrypto'];
const notTests = ['**/*.test.ts', 'backend/**/testing/**', 'backend/**/fixtures/**'];

export default tseslint.config(
  { ignores: ['node_modules/**', 'dist/**', 'data/**', '.cache/**', 'test-results/**', 'playwright-report/**'] },
  eslint.configs.recommended,
  ...tseslint.configs.recommended,
  ...vue.configs['flat/essential'],
  {
    files: ['**/*.vue'],
    languageOptions: { parserOptions: { parser: tseslint.parser }, globals: globals.browser },
  },
  {
    files: ['renderer/**/*.ts'],
    languageOptions: { globals: globals.browser },
  },
  {
    files: ['**/*.{js,mjs,cjs}'],
    languageOptions: { globals: globals.node },
  },
  {
    files: ['**/*.cjs'],
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
  {
    rules: {
      'no-undef': 'off',
      // It does not see that a loop's head reads what its body assigned.
      'no-useless-assignment': 'off',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports', disallowTypeAnnotations: false }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'none' }],
      '@typescript-eslint/no-redeclare': 'off',
      'no-redeclare': 'off',
      eqeqeq: ['error', 'always'],
    },
  },
  {
    files: ['backend/**/*.ts'],
    ignores: ['backend/adapters/**', 'backend/bin/**', ...notTests],
    rules: {
      'no-restricted-globals': [
        'error',
        ...['setTimeout', 'setInterval', 'setImmediate', 'performance', 'process', 'fetch', 'WebSocket', 'crypto'].map((name) => ({
          name,
          message: `${name} ${viaPorts}`,
        })),
      ],
      'no-restricted-imports': ['error', { paths: [{ name: 'node:crypto', importNames: randomNames, message: `randomness ${viaPorts}` }] }],
      'no-restricted-syntax': [
        'error',
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: `time ${viaPorts}` },
        { selector: "CallExpression[callee.name='Date']", message: `time ${viaPorts}` },
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: `time ${viaPorts}` },
        { object: 'Math', property: 'random', message: `randomness ${viaPorts}` },
        { object: 'AbortSignal', property: 'timeout', message: `time ${viaPorts}` },
        ...randomNames.map((property) => ({ object: 'crypto', property, message: `randomness ${viaPorts}` })),
      ],
    },
  },
  {
    files: ['backend/base/**/*.ts'],
    ignores: notTests,
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ regex: '^[^.]', message: 'base is the words that everything speaks: it imports no package and nothing of Node' }] },
      ],
    },
  },
);
