import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createScryptPasswordHasher } from '../adapters/crypto/scrypt-password-hasher.ts';
import { openDataDirectory } from '../adapters/storage/data-directory.ts';
import { openSqliteDocumentStore } from '../adapters/storage/sqlite-document-store.ts';
import { createSystemClock } from '../adapters/system/system-clock.ts';
import { failed, unwrap, type Outcome } from '../base/outcome.ts';
import { failure } from '../contracts/errors.ts';
import { replaceAdministratorPassword } from '../controller/accounts/administrator-password.ts';

/** Gives the administrator of the Controller in `dataDirectory` another password. Failures: `DataDirectoryInUse` while it runs, and those of `replaceAdministratorPassword`. */
export async function setAdminPassword(dataDirectory: string, password: string): Promise<Outcome<{ readonly sessionsEnded: number }>> {
  const database = join(dataDirectory, 'controller.sqlite');
  if (!existsSync(database)) return failed(failure('InvalidArgument', `There are no data of a Controller in ${dataDirectory}.`));
  const directory = unwrap(await openDataDirectory(dataDirectory));
  try {
    const documents = openSqliteDocumentStore(database);
    try {
      return await replaceAdministratorPassword(
        { clock: createSystemClock(), documents, passwordHasher: createScryptPasswordHasher() },
        password,
      );
    } finally {
      await documents.close();
    }
  } finally {
    await directory.release();
  }
}
