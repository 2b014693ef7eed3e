import { installation } from './installation.ts';

/** Version of this release, from package.json. */
export function softwareVersion(): string {
  return installation().version;
}
