// Puts keytar's binary for the target where keytar looks for it. npm installs only the one of the machine that builds.
import { copyFileSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const keytar = fileURLToPath(new URL('../../node_modules/keytar', import.meta.url));

/** Path of the prebuilt binary for e.g. `linux`, `arm64`. Throws when the package has none. */
export function prebuiltKeytar(platform, arch, directory = keytar) {
  const folder = join(directory, 'prebuilds', `${platform}-${arch}`);
  const file = existsSync(folder) ? readdirSync(folder).find((name) => name.endsWith('.node')) : undefined;
  if (file === undefined) throw new Error(`keytar has no binary for ${platform}-${arch} in ${folder}`);
  return join(folder, file);
}

export function placeKeytar(platform, arch, directory = keytar) {
  const release = join(directory, 'build/Release');
  mkdirSync(release, { recursive: true });
  copyFileSync(prebuiltKeytar(platform, arch, directory), join(release, 'keytar.node'));
}

/** electron-builder calls it before it collects the files of each target. Its numbers of architectures are its own. */
export default function beforePack({ electronPlatformName, arch }) {
  const name = { 1: 'x64', 3: 'arm64' }[arch];
  if (name === undefined) throw new Error(`no package is made for the architecture ${arch}`);
  placeKeytar(electronPlatformName, name);
}
