import type { Clock } from '../../base/clock.ts';
import { failed, success, type Outcome } from '../../base/outcome.ts';
import type { Logger } from '../../base/logger.ts';
import type { Random } from '../../base/random.ts';
import { toHex } from '../../base/bytes.ts';
import { spokenFailure, type CatalogueFailure } from '../../contracts/errors.ts';
import { nameRefusalSentence } from '../../contracts/name-refusal-texts.ts';
import type { AccessKeyRecord, AccountRecord } from '../../contracts/names.ts';
import type { RegisterClient } from '../../register/register-client.ts';
import type { NameHasher } from '../../ring/name-hasher.ts';
import { ExpiringCache } from './expiring-cache.ts';
import { accessKeyKey, accountKey } from './name-keys.ts';
import type { AccountNames, RecordDecision } from './names.ts';
import { createTypedRegisters, newOperationId } from './typed-registers.ts';

export interface NamesDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly registers: RegisterClient;
  readonly hasher: NameHasher;
}

const cacheOptions = { ttlMs: 5_000, capacity: 10_000 };
const maxAccessKeys = 16;
const accountNamePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;
const accessKeyIdPattern = /^[A-Za-z0-9]{16,128}$/;
const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** What the container ring needs of an account, beside the public names. */
export interface AccountChanges {
  change(name: string, decide: (account: AccountRecord) => RecordDecision<AccountRecord>): Promise<Outcome<AccountRecord | null>>;
}

export function noSuchAccount(name: string): CatalogueFailure {
  return spokenFailure('NoSuchAccount', nameRefusalSentence('noUser', { name }));
}

export function createAccountNames(deps: NamesDeps): AccountNames & AccountChanges {
  const { clock, random, registers, hasher } = deps;
  const accounts = createTypedRegisters<AccountRecord>(registers, 'account');
  const accessKeys = createTypedRegisters<AccessKeyRecord>(registers, 'access-key');
  const accountCache = new ExpiringCache<AccountRecord>(clock, cacheOptions);
  const keyCache = new ExpiringCache<AccessKeyRecord>(clock, cacheOptions);

  const byName: AccountNames['byName'] = async (name, options) => {
    const cached = options?.fresh ? undefined : accountCache.get(name);
    if (cached) return success(cached);
    const readAtMs = clock.monotonicMs();
    const answer = await accounts.read(accountKey(hasher, name));
    if (!answer.ok) return answer;
    if (answer.value === null) {
      accountCache.delete(name);
      return failed(noSuchAccount(name));
    }
    accountCache.set(name, answer.value.record, readAtMs);
    return success(answer.value.record);
  };

  const change: AccountChanges['change'] = async (name, decide) => {
    let written: AccountRecord | null = null;
    const answer = await accounts.change(accountKey(hasher, name), newOperationId(random), (current) => {
      if (current === null) return { kind: 'refuse', failure: noSuchAccount(name) };
      const decision = decide(current.record);
      written = decision.kind === 'write' ? decision.record : null;
      return decision;
    });
    accountCache.delete(name);
    return answer.ok ? success(written) : answer;
  };

  const removeKeyRegister = async (accessKeyId: string, accountName: string): Promise<Outcome<unknown>> => {
    const answer = await accessKeys.change(accessKeyKey(hasher, accessKeyId), newOperationId(random), (current) =>
      current !== null && current.record.accountName !== accountName
        ? {
            kind: 'refuse',
            failure: spokenFailure('NoSuchAccount', nameRefusalSentence('foreignKey', { accessKey: accessKeyId, name: accountName })),
          }
        : { kind: 'delete' },
    );
    keyCache.delete(accessKeyId);
    return answer;
  };

  const withoutKey = (account: AccountRecord, accessKeyId: string): RecordDecision<AccountRecord> => ({
    kind: 'write',
    record: { ...account, accessKeyIds: account.accessKeyIds.filter((id) => id !== accessKeyId) },
  });

  const removeAccessKey: AccountNames['removeAccessKey'] = async (name, accessKeyId) => {
    // The secret goes first: a key that is only listed opens nothing, a key that only exists could not be revoked.
    const removed = await removeKeyRegister(accessKeyId, name);
    if (!removed.ok) return removed;
    const answer = await change(name, (account) => withoutKey(account, accessKeyId));
    return answer.ok ? success(undefined) : answer;
  };

  return {
    byName,
    change,
    byAccessKey: async (accessKeyId) => {
      const cached = keyCache.get(accessKeyId);
      if (cached) return success(cached);
      const readAtMs = clock.monotonicMs();
      const answer = await accessKeys.read(accessKeyKey(hasher, accessKeyId));
      if (!answer.ok) return answer;
      if (answer.value === null) return failed(spokenFailure('NoSuchAccount', nameRefusalSentence('noKey', { accessKey: accessKeyId })));
      keyCache.set(accessKeyId, answer.value.record, readAtMs);
      return success(answer.value.record);
    },
    create: async ({ name, passwordHash }) => {
      if (!accountNamePattern.test(name)) return failed(spokenFailure('InvalidArgument', nameRefusalSentence('noUserName', { name })));
      const record: AccountRecord = {
        format: 1,
        kind: 'account',
        id: toHex(random.bytes(16)),
        name,
        passwordHash,
        createdAtMs: clock.nowMs(),
        accessKeyIds: [],
        buckets: [],
      };
      const answer = await accounts.change(accountKey(hasher, name), newOperationId(random), (current) =>
        current !== null
          ? { kind: 'refuse', failure: spokenFailure('Conflict', nameRefusalSentence('userExists', { name })) }
          : { kind: 'write', record },
      );
      return answer.ok ? success(record) : answer;
    },
    setPassword: async (name, passwordHash) => {
      const answer = await change(name, (account) => ({ kind: 'write', record: { ...account, passwordHash } }));
      return answer.ok ? success(undefined) : answer;
    },
    remove: async (name) => {
      const account = await byName(name, { fresh: true });
      if (!account.ok) return account;
      if (account.value.buckets.length > 0) return failed(ownsBuckets(account.value));
      for (const accessKeyId of account.value.accessKeyIds) {
        const removed = await removeAccessKey(name, accessKeyId);
        if (!removed.ok) return removed;
      }
      const answer = await change(name, (current) => {
        if (current.buckets.length > 0) return { kind: 'refuse', failure: ownsBuckets(current) };
        if (current.accessKeyIds.length > 0)
          return { kind: 'refuse', failure: spokenFailure('Conflict', nameRefusalSentence('hasNewKey', { name })) };
        return { kind: 'delete' };
      });
      return answer.ok ? success(undefined) : answer;
    },
    addAccessKey: async (name, fixed) => {
      const accessKeyId = fixed?.accessKeyId ?? `MCOS${text(random, 16)}`;
      const secretAccessKey = fixed?.secretAccessKey ?? text(random, 40);
      if (!accessKeyIdPattern.test(accessKeyId))
        return failed(spokenFailure('InvalidArgument', nameRefusalSentence('noKeyId', { accessKey: accessKeyId })));
      if (secretAccessKey.length < 16 || secretAccessKey.length > 128)
        return failed(spokenFailure('InvalidArgument', nameRefusalSentence('noSecret', { length: secretAccessKey.length })));
      const listed = await change(name, (account) => {
        if (account.accessKeyIds.includes(accessKeyId)) return { kind: 'write', record: account };
        if (account.accessKeyIds.length >= maxAccessKeys)
          return {
            kind: 'refuse',
            failure: spokenFailure('Conflict', nameRefusalSentence('tooManyKeys', { name, keys: maxAccessKeys })),
          };
        return { kind: 'write', record: { ...account, accessKeyIds: [...account.accessKeyIds, accessKeyId] } };
      });
      if (!listed.ok) return listed;
      if (listed.value === null) throw new Error('a written account has a record');
      const record: AccessKeyRecord = {
        format: 1,
        kind: 'access-key',
        accessKeyId,
        secretAccessKey,
        accountName: name,
        accountId: listed.value.id,
        createdAtMs: clock.nowMs(),
      };
      const written = await accessKeys.change(accessKeyKey(hasher, accessKeyId), newOperationId(random), (current) =>
        current !== null && (current.record.accountName !== name || current.record.secretAccessKey !== secretAccessKey)
          ? { kind: 'refuse', failure: spokenFailure('Conflict', nameRefusalSentence('keyExists', { accessKey: accessKeyId })) }
          : { kind: 'write', record: current === null || current.record.accountId !== record.accountId ? record : current.record },
      );
      if (!written.ok) {
        if (written.failure.code === 'Conflict') await change(name, (account) => withoutKey(account, accessKeyId));
        return written;
      }
      return success(record);
    },
    removeAccessKey,
  };
}

function ownsBuckets(account: AccountRecord): CatalogueFailure {
  return spokenFailure('Conflict', nameRefusalSentence('ownsBuckets', { name: account.name, buckets: account.buckets.length }));
}

/** `length` characters of base32: five random bits each. */
function text(random: Random, length: number): string {
  let result = '';
  for (const byte of random.bytes(length)) result += base32[byte & 31];
  return result;
}
