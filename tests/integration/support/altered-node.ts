import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { alterations } from './alterations.ts';

/**
 * Preloaded into one node process (`NODE_OPTIONS=--import=…`): the process runs the same source as all
 * others, but for the one file that MCOS_TEST_ALTERATION names and changes as it is loaded. So one node
 * of a cluster really has another builder, or really dies at a certain point.
 */
const name = process.env['MCOS_TEST_ALTERATION'] ?? '';
const alteration = alterations[name];
if (alteration === undefined) throw new Error(`there is no alteration "${name}"`);

registerHooks({
  load: (url, context, nextLoad) => {
    if (!url.endsWith(alteration.file)) return nextLoad(url, context);
    const text = readFileSync(new URL(url), 'utf8');
    if (!text.includes(alteration.find)) throw new Error(`${url} has no place for the alteration "${name}"`);
    return { format: 'module-typescript', shortCircuit: true, source: text.replace(alteration.find, () => alteration.replace) };
  },
});
