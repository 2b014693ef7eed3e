import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cruise, type ICruiseOptions, type IForbiddenRuleType, type ICruiseResult } from 'dependency-cruiser';
import { ESLint } from 'eslint';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { projectRoot } from './run-step.ts';

interface Rules {
  readonly forbidden: IForbiddenRuleType[];
  readonly options: ICruiseOptions;
}
const rules = createRequire(import.meta.url)('../.dependency-cruiser.cjs') as Rules;

/** One forbidden import for each rule: [rule, importing file, imported file or package]. */
const forbidden: readonly (readonly [string, string, string])[] = [
  ['base-stands-alone', 'backend/base/a.ts', 'backend/contracts/b.ts'],
  ['contracts-on-base', 'backend/contracts/a.ts', 'backend/ring/b.ts'],
  ['ring-is-pure', 'backend/ring/a.ts', 'backend/register/b.ts'],
  ['ring-is-pure', 'backend/ring/a.ts', 'backend/adapters/b.ts'],
  ['register-over-ports', 'backend/register/a.ts', 'backend/ring/b.ts'],
  ['epochs-over-ports', 'backend/epochs/a.ts', 'backend/controller/b.ts'],
  ['controller-layer', 'backend/controller/a.ts', 'backend/cloud-service/b.ts'],
  ['controller-layer', 'backend/controller/a.ts', 'backend/adapters/b.ts'],
  ['cloud-service-layer', 'backend/cloud-service/a.ts', 'backend/controller/b.ts'],
  ['cloud-service-layer', 'backend/cloud-service/s3/a.ts', 'backend/bin/b.ts'],
  ['adapters-implement-ports', 'backend/adapters/a.ts', 'backend/controller/b.ts'],
  ['adapters-use-ring-and-register-types-only', 'backend/adapters/a.ts', 'backend/register/b.ts'],
  ['bin-is-backend', 'backend/bin/a.ts', 'renderer/b.ts'],
  ['admin-cloud-controller-is-lowest', 'backend/cloud-service/admin-cloud-controller/a.ts', 'backend/cloud-service/names/b.ts'],
  ['names-layer', 'backend/cloud-service/names/a.ts', 'backend/cloud-service/objects/b.ts'],
  ['storage-layer', 'backend/cloud-service/storage/a.ts', 'backend/cloud-service/objects/b.ts'],
  ['objects-layer', 'backend/cloud-service/objects/a.ts', 'backend/cloud-service/s3/b.ts'],
  ['s3-layer', 'backend/cloud-service/s3/a.ts', 'backend/cloud-service/user-dashboard/b.ts'],
  ['s3-layer', 'backend/cloud-service/s3/a.ts', 'backend/cloud-service/storage/b.ts'],
  ['user-dashboard-layer', 'backend/cloud-service/user-dashboard/a.ts', 'backend/cloud-service/s3/b.ts'],
  ['healing-layer', 'backend/cloud-service/healing/a.ts', 'backend/cloud-service/s3/b.ts'],
  ['pages-use-contracts', 'renderer/console/a.ts', 'backend/base/b.ts'],
  ['preload-uses-contracts', 'electron/preload/a.ts', 'backend/bin/b.ts'],
  ['electron-main-composes', 'electron/main/a.ts', 'renderer/b.ts'],
  ['pure-layers-without-node', 'backend/base/a.ts', 'node:crypto'],
  ['pure-layers-without-node', 'backend/contracts/a.ts', 'node:url'],
  ['ports-instead-of-node', 'backend/register/a.ts', 'node:fs'],
  ['ports-instead-of-node', 'backend/controller/a.ts', 'node:timers/promises'],
  ['ports-instead-of-node', 'backend/cloud-service/objects/a.ts', 'node:net'],
  ['nothing-unresolvable', 'backend/bin/a.ts', './missing.ts'],
];

describe('the rules of the layers', () => {
  let tree: string;
  beforeEach(async () => {
    tree = await mkdtemp(join(tmpdir(), 'mcos-layers-'));
  });
  afterEach(() => rm(tree, { recursive: true, force: true }));

  async function write(path: string, text: string): Promise<void> {
    await mkdir(dirname(join(tree, path)), { recursive: true });
    await writeFile(join(tree, path), text);
  }

  async function brokenRules(): Promise<string[]> {
    const { tsConfig: _tsConfig, ...options } = rules.options;
    const { output } = await cruise(['.'], { ...options, validate: true, ruleSet: { forbidden: rules.forbidden }, baseDir: tree });
    return (output as ICruiseResult).summary.violations.map((violation) => violation.rule.name);
  }

  it.each(forbidden)('%s: %s must not import %s', async (rule, from, to) => {
    const isFile = to.includes('/') && !to.startsWith('node:') && !to.startsWith('.');
    if (isFile) await write(to, 'export const value = 1;\n');
    const specifier = isFile ? `${'../'.repeat(from.split('/').length - 1)}${to}` : to;
    await write(from, `import * as other from '${specifier}';\nexport const used = other;\n`);
    expect(await brokenRules()).toContain(rule);
  });

  it('no-circular: not even by types', async () => {
    await write('backend/ring/a.ts', "import type { B } from './b.ts';\nexport interface A { readonly b: B }\n");
    await write('backend/ring/b.ts', "import type { A } from './a.ts';\nexport interface B { readonly a: A }\n");
    expect(await brokenRules()).toContain('no-circular');
  });

  it('has a case above for each of them', () => {
    const planted = new Set([...forbidden.map(([rule]) => rule), 'no-circular']);
    expect(rules.forbidden.map((rule) => rule.name).filter((name) => name === undefined || !planted.has(name))).toEqual([]);
  });
});

describe('time, randomness and the network', () => {
  const eslint = new ESLint({ cwd: projectRoot });
  const code = [
    'export const at = Date.now();',
    'export const today = new Date();',
    'export const number = Math.random();',
    'setTimeout(() => undefined, 1);',
    'export const started = performance.now();',
    'export const home = process.env.HOME;',
    "void fetch('http://localhost');",
    'export const id = crypto.randomUUID();',
    "import { randomBytes } from 'node:crypto';\nexport const bytes = randomBytes(8);",
    'export const signal = AbortSignal.timeout(1);',
  ];

  it.each(code)('come through ports, so a node may not say: %s', async (text) => {
    for (const folder of ['base', 'ring', 'register', 'controller', 'cloud-service/s3'])
      expect(
        (await eslint.lintText(`${text}\n`, { filePath: join(projectRoot, 'backend', folder, 'planted.ts') }))[0]?.errorCount,
      ).toBeGreaterThan(0);
    const inAdapter = await eslint.lintText(`${text}\n`, { filePath: join(projectRoot, 'backend/adapters/system/planted.ts') });
    expect(inAdapter[0]?.errorCount).toBe(0);
  });

  it('base imports no package', async () => {
    const planted = await eslint.lintText("import { Type } from 'typebox';\nexport const type = Type;\n", {
      filePath: join(projectRoot, 'backend/base/planted.ts'),
    });
    expect(planted[0]?.errorCount).toBe(1);
  });
});
