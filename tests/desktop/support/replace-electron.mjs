// Preloaded into plain Node: `electron` is the stand-in beside this file. The package of that name would start a download.
import { registerHooks } from 'node:module';

const standIn = new URL('electron-module.ts', import.meta.url).href;
registerHooks({
  resolve: (specifier, context, next) => (specifier === 'electron' ? { url: standIn, shortCircuit: true } : next(specifier, context)),
});
