import eslint from '@eslint/js';
import globals from 'globals';
import vue from 'eslint-plugin-vue';
import tseslint from 'typescript-eslint';

const viaPorts = 'comes through a port of backend/base (Clock, Random), so that the simulator can run this code';
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
        ...['setTimeout', 'setInterval', 'setImmediate', 'performance'].map((name) => ({ name, message: `${name} ${viaPorts}` })),
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: `time ${viaPorts}` },
        { object: 'Math', property: 'random', message: `randomness ${viaPorts}` },
        { object: 'crypto', property: 'randomUUID', message: `randomness ${viaPorts}` },
        { object: 'crypto', property: 'randomBytes', message: `randomness ${viaPorts}` },
        { object: 'crypto', property: 'getRandomValues', message: `randomness ${viaPorts}` },
      ],
    },
  },
);
