import { randomBytes } from 'node:crypto';
import Type, { type Static } from 'typebox';
import { Value } from 'typebox/value';
import { isLoopback } from '../../backend/base/loopback.ts';
import { failed, success, type Outcome } from '../../backend/base/outcome.ts';
import { spokenFailure } from '../../backend/contracts/errors.ts';
import { desktopRefusalSentence } from '../../backend/contracts/desktop-refusal-texts.ts';
import { jsonFile } from './json-file.ts';

const Remote = Type.Object({
  id: Type.String(),
  kind: Type.Literal('remote'),
  name: Type.String(),
  url: Type.String(),
  caDigest: Type.Union([Type.String(), Type.Null()]),
});
const Local = Type.Object({ id: Type.String(), kind: Type.Literal('local'), name: Type.String() });
const Connection = Type.Union([Remote, Local]);
const Stored = Type.Object({ active: Type.Union([Type.String(), Type.Null()]), connections: Type.Array(Connection) });

export type Connection = Static<typeof Connection>;
type Stored = Static<typeof Stored>;

const Exported = Type.Object({
  format: Type.Literal('mcos-connections-1'),
  connections: Type.Array(
    Type.Object({ name: Type.String({ maxLength: 100 }), url: Type.String(), caDigest: Type.Union([Type.String(), Type.Null()]) }),
  ),
});

const mostConnections = 200;
const empty: Stored = { active: null, connections: [] };

/** The Controllers that this app knows, in the order in which they came. */
export interface Connections {
  readonly list: readonly Connection[];
  readonly active: Connection | null;
  addRemote(given: { name: string; url: string; caDigest: string | null }): Promise<Outcome<Connection>>;
  /** There is one Controller on this computer at most. */
  addLocal(name: string): Promise<Connection>;
  rename(id: string, name: string): Promise<Outcome<void>>;
  remove(id: string): Promise<Outcome<void>>;
  activate(id: string | null): Promise<Outcome<void>>;
  /** Remote ones as text for another computer. No secrets: passwords stay in the keychain. */
  exported(): string;
  /** Adds those that are not here yet; all or, when one is not valid, none. */
  importFrom(text: string): Promise<Outcome<number>>;
}

/** Invariant: what `list` says is on disk; an active connection is one of the list. */
export async function openConnections(path: string): Promise<Connections> {
  const file = jsonFile<Stored>(path, 1, empty, (value) => (Value.Check(Stored, value) ? value : null));
  let state = await file.read();
  const save = async (next: Stored): Promise<void> => {
    await file.write(next);
    state = next;
  };
  const unknown = (id: string) => failed(spokenFailure('NotFound', desktopRefusalSentence('noConnection', { named: JSON.stringify(id) })));
  const has = (id: string): boolean => state.connections.some((connection) => connection.id === id);
  const tooMany = (count: number) =>
    failed(spokenFailure('InvalidArgument', desktopRefusalSentence('tooManyConnections', { connections: count, most: mostConnections })));

  return {
    get list() {
      return state.connections;
    },
    get active() {
      return state.connections.find((connection) => connection.id === state.active) ?? null;
    },
    addRemote: async (given) => {
      const checked = checkRemote(given);
      if (!checked.ok) return checked;
      if (state.connections.length >= mostConnections) return tooMany(state.connections.length + 1);
      const connection: Connection = { id: newId(), kind: 'remote', ...checked.value };
      await save({ ...state, connections: [...state.connections, connection] });
      return success(connection);
    },
    addLocal: async (name) => {
      const present = state.connections.find((connection) => connection.kind === 'local');
      if (present !== undefined) return present;
      const connection: Connection = { id: newId(), kind: 'local', name };
      await save({ ...state, connections: [connection, ...state.connections] });
      return connection;
    },
    rename: async (id, name) => {
      if (!has(id)) return unknown(id);
      await save({ ...state, connections: state.connections.map((each) => (each.id === id ? { ...each, name } : each)) });
      return success(undefined);
    },
    remove: async (id) => {
      if (!has(id)) return unknown(id);
      await save({ active: state.active === id ? null : state.active, connections: state.connections.filter((each) => each.id !== id) });
      return success(undefined);
    },
    activate: async (id) => {
      if (id !== null && !has(id)) return unknown(id);
      await save({ ...state, active: id });
      return success(undefined);
    },
    exported: () => {
      const connections = state.connections.flatMap((each) =>
        each.kind === 'remote' ? [{ name: each.name, url: each.url, caDigest: each.caDigest }] : [],
      );
      return `${JSON.stringify({ format: 'mcos-connections-1', connections }, null, 2)}\n`;
    },
    importFrom: async (text) => {
      const read = readExported(text);
      if (!read.ok) return read;
      const added: Connection[] = [];
      for (const given of read.value) {
        const checked = checkRemote(given);
        if (!checked.ok) return checked;
        const { url } = checked.value;
        if ([...state.connections, ...added].some((each) => each.kind === 'remote' && each.url === url)) continue;
        added.push({ id: newId(), kind: 'remote', ...checked.value });
      }
      if (state.connections.length + added.length > mostConnections) return tooMany(state.connections.length + added.length);
      if (added.length > 0) await save({ ...state, connections: [...state.connections, ...added] });
      return success(added.length);
    },
  };
}

/** As one types it: `HOST:PORT` is taken for https. The digest may be the one in a join token. */
export function checkRemote(given: {
  name: string;
  url: string;
  caDigest: string | null;
}): Outcome<{ name: string; url: string; caDigest: string | null }> {
  const text = given.url.trim();
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`);
  const wrong = (id: 'noAddress' | 'longAddress' | 'openAddress') =>
    failed(spokenFailure('InvalidArgument', desktopRefusalSentence(id, { typed: JSON.stringify(text.slice(0, 100)) })));
  if (url === null || !['http:', 'https:'].includes(url.protocol)) return wrong('noAddress');
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '' || url.pathname !== '/')
    return wrong('longAddress');
  if (url.protocol === 'http:' && !isLoopback(url.hostname.replace(/^\[|\]$/g, ''))) return wrong('openAddress');
  const digest = digestOf(given.caDigest ?? '');
  if (digest === null) return failed(spokenFailure('InvalidArgument', desktopRefusalSentence('noDigest', {})));
  return success({
    name: given.name.trim() === '' ? url.host : given.name.trim(),
    url: url.origin,
    caDigest: digest === '' ? null : digest,
  });
}

/** In the form of join tokens (base64url), also from the console's (hexadecimal); empty for none, null for neither. */
function digestOf(text: string): string | null {
  const digest = text.trim().replace(/^sha256:/i, '');
  if (/^[0-9a-f]{64}$/i.test(digest)) return Buffer.from(digest, 'hex').toString('base64url');
  return digest === '' || /^[A-Za-z0-9_-]{43}$/.test(digest) ? digest : null;
}

function readExported(text: string): Outcome<Static<typeof Exported>['connections']> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return failed(spokenFailure('InvalidArgument', desktopRefusalSentence('notJson', { reason: error.message })));
  }
  if (Value.Check(Exported, value)) return success(value.connections);
  return failed(spokenFailure('InvalidArgument', desktopRefusalSentence('otherFile', {})));
}

function newId(): string {
  return randomBytes(8).toString('hex');
}
