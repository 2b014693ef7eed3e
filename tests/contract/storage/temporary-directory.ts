import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StoreUnderTest } from './register-store-contract.ts';

/** A store in a directory of its own, which `dispose` removes. */
export async function inTemporaryDirectory<Store>(open: (directory: string) => Promise<Store>): Promise<StoreUnderTest<Store>> {
  const directory = await mkdtemp(join(tmpdir(), 'mcos-store-'));
  return { open: () => open(directory), dispose: () => rm(directory, { recursive: true, force: true }) };
}
