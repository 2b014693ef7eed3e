import { join } from 'node:path';
import { openDirectoryBlobStore } from '../../../backend/adapters/storage/directory-blob-store.ts';
import { openSqliteDocumentStore } from '../../../backend/adapters/storage/sqlite-document-store.ts';
import { openSqliteRegisterStore } from '../../../backend/adapters/storage/sqlite-register-store.ts';
import { silentLogger } from '../../../backend/base/logger.ts';
import { blobStoreContract } from './blob-store-contract.ts';
import { documentStoreContract } from './document-store-contract.ts';
import { registerStoreContract } from './register-store-contract.ts';
import { inTemporaryDirectory } from './temporary-directory.ts';

registerStoreContract('The SQLite register store', () =>
  inTemporaryDirectory((directory) => openSqliteRegisterStore(join(directory, 'names.sqlite'), { logger: silentLogger })),
);
documentStoreContract('The SQLite document store', () =>
  inTemporaryDirectory(async (directory) => openSqliteDocumentStore(join(directory, 'documents.sqlite'))),
);
blobStoreContract('The directory blob store', () =>
  inTemporaryDirectory((directory) => openDirectoryBlobStore(join(directory, 'blobs'), { reserveBytes: 0 })),
);
