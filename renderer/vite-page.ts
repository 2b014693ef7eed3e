import { readFileSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import ui from '@nuxt/ui/vite';
import vue from '@vitejs/plugin-vue';
import type { InlineConfig, Plugin } from 'vite';

export type PageName = 'console' | 'dashboard';

const root = fileURLToPath(new URL('..', import.meta.url));
const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { version: string };

/** Beside each text file its compressed form, so that who serves the page need not compress: a third of the bytes on the line. */
function compressTexts(): Plugin {
  return {
    name: 'compress-texts',
    apply: 'build',
    writeBundle: async ({ dir = '' }) => {
      const files = await readdir(dir, { recursive: true });
      for (const file of files.filter((name) => /\.(js|css|html|svg)$/.test(name)))
        await writeFile(join(dir, `${file}.gz`), await promisify(gzip)(await readFile(join(dir, file)), { level: 9 }));
    },
  };
}

/**
 * How a page is built. Everything it needs is in its own files: fonts, icons and texts are bundled,
 * because a page of ours calls no other host.
 */
export function pageConfig(page: PageName): InlineConfig {
  return {
    configFile: false,
    root: `${root}renderer/${page}`,
    base: './',
    cacheDir: `${root}node_modules/.vite-${page}`,
    logLevel: 'warn',
    plugins: [
      vue(),
      ui({
        colorMode: true,
        autoImport: false,
        components: { dts: false },
        // Every icon is in the bundle; without this the page would ask a foreign host for them.
        icon: { clientBundle: { scan: true } },
        ui: {
          colors: { primary: 'sky', neutral: 'slate' },
          // The library's hover is so pale that the text on it loses its contrast.
          button: {
            compoundVariants: (['primary', 'error'] as const).map((color) => ({
              color,
              variant: 'solid' as const,
              class: `hover:bg-${color}/90 active:bg-${color}/90`,
            })),
          },
        },
      }),
      compressTexts(),
    ],
    define: {
      __MCOS_VERSION__: JSON.stringify(version),
      __VUE_OPTIONS_API__: true,
      __VUE_PROD_DEVTOOLS__: false,
      __VUE_I18N_FULL_INSTALL__: true,
      __VUE_I18N_LEGACY_API__: false,
      __INTLIFY_PROD_DEVTOOLS__: false,
    },
    build: {
      outDir: `${root}dist/pages/${page}`,
      emptyOutDir: true,
      // Data addresses would need holes in the Content-Security-Policy.
      assetsInlineLimit: 0,
      chunkSizeWarningLimit: 2000,
      reportCompressedSize: false,
      modulePreload: { polyfill: false },
    },
  };
}
