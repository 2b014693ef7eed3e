import { writeDurably } from './start-options-file.ts';

/** The cluster's certificate for clients. Ends with a newline, so that several can be put together with `cat`. */
export function writeAuthorityFile(path: string, certificatePem: string): Promise<void> {
  return writeDurably(path, `${certificatePem.trimEnd()}\n`);
}
