import Type, { type Static, type TSchema } from 'typebox';
import type { Outcome } from '../base/outcome.ts';
import { Sentence } from './spoken.ts';
import type { DesktopChannel } from './desktop-channels.ts';

const text = (maxLength: number) => Type.String({ minLength: 1, maxLength });
const ConnectionId = Type.String({ pattern: '^[a-z0-9]{1,32}$' });
const nothing = Type.Object({}, { additionalProperties: false });
const exactly = <P extends Record<string, TSchema>>(properties: P) => Type.Object(properties, { additionalProperties: false });

/** Where passwords of this app are kept; `file`: readable by this user's processes. */
export const SecretsBackend = Type.Union([Type.Literal('keychain'), Type.Literal('encrypted-file'), Type.Literal('file')]);
export type SecretsBackend = Static<typeof SecretsBackend>;

/** A Controller that this app knows. Passwords are not part of it. */
export const ConnectionView = exactly({
  id: ConnectionId,
  name: text(100),
  kind: Type.Union([Type.Literal('local'), Type.Literal('remote')]),
  /** URL of its console; of the local one null while it does not run. */
  url: Type.Union([text(2048), Type.Null()]),
  /** SHA-256 of the public key of the cluster's CA, base64url; null: certificates that the system trusts. */
  caDigest: Type.Union([Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' }), Type.Null()]),
  hasPassword: Type.Boolean(),
});
export type ConnectionView = Static<typeof ConnectionView>;

export const ConnectionsView = exactly({
  active: Type.Union([ConnectionId, Type.Null()]),
  /** Whether there are data of a Controller on this computer, also where it is no connection (any more). */
  localExists: Type.Boolean(),
  connections: Type.Array(ConnectionView),
});
export type ConnectionsView = Static<typeof ConnectionsView>;

export const ControllerState = Type.Union([
  exactly({ kind: Type.Literal('stopped') }),
  exactly({ kind: Type.Literal('starting') }),
  exactly({ kind: Type.Literal('running'), consoleUrl: Type.String(), clusterUrl: Type.String() }),
  exactly({ kind: Type.Literal('failed'), reason: Type.String(), spoken: Type.Optional(Sentence) }),
]);
export type ControllerState = Static<typeof ControllerState>;

/** Cloud Services on this computer, for trying things out. */
export const TrialState = exactly({
  kind: Type.Union([Type.Literal('stopped'), Type.Literal('starting'), Type.Literal('running'), Type.Literal('failed')]),
  running: Type.Integer(),
  wanted: Type.Integer(),
  reason: Type.Union([Type.String(), Type.Null()]),
  /** The reason for translations; missing where it is passed on. */
  spoken: Type.Optional(Sentence),
});
export type TrialState = Static<typeof TrialState>;

export const DesktopSettings = exactly({
  autostart: Type.Boolean(),
  tray: Type.Boolean(),
  /** Without a window the app goes on, and the Controller with it. */
  keepRunning: Type.Boolean(),
  notifications: Type.Boolean(),
  /** Address of the page that tells the newest version; null: nobody is asked. */
  updateFeed: Type.Union([Type.String({ pattern: '^https://', maxLength: 2048 }), Type.Null()]),
});
export type DesktopSettings = Static<typeof DesktopSettings>;

export const DesktopInfo = exactly({
  version: Type.String(),
  platform: Type.String(),
  secrets: SecretsBackend,
  /** Why it is not the keychain; null when it is. */
  secretsReason: Type.Union([Sentence, Type.Null()]),
  dataDirectory: Type.String(),
  logFile: Type.String(),
});
export type DesktopInfo = Static<typeof DesktopInfo>;

/** A newer version, and where it is told about; null: this one is the newest. */
export const UpdateView = Type.Union([exactly({ version: text(50), page: Type.String({ pattern: '^https://' }) }), Type.Null()]);
export type UpdateView = Static<typeof UpdateView>;

const byId = exactly({ id: ConnectionId });

/** Parameters and result of each channel: the one source for both sides. Every answer is an Outcome. */
export const desktopIpc = {
  info: { parameters: nothing, result: DesktopInfo },
  settings: { parameters: nothing, result: DesktopSettings },
  'change-settings': { parameters: Type.Partial(DesktopSettings, { additionalProperties: false }), result: DesktopSettings },
  connections: { parameters: nothing, result: ConnectionsView },
  'add-connection': {
    parameters: exactly({
      name: text(100),
      url: text(2048),
      caDigest: Type.Union([Type.String({ maxLength: 100 }), Type.Null()]),
    }),
    result: ConnectionsView,
  },
  'add-local-connection': {
    // The new password of a new Controller, the present one of one that exists.
    parameters: exactly({ password: Type.String({ minLength: 1, maxLength: 1000 }), remember: Type.Boolean() }),
    result: ConnectionsView,
  },
  'rename-connection': { parameters: exactly({ id: ConnectionId, name: text(100) }), result: ConnectionsView },
  'remove-connection': { parameters: byId, result: ConnectionsView },
  'activate-connection': { parameters: byId, result: ConnectionsView },
  'leave-connection': { parameters: nothing, result: ConnectionsView },
  'export-connections': { parameters: nothing, result: exactly({ file: Type.Union([Type.String(), Type.Null()]) }) },
  'import-connections': { parameters: nothing, result: ConnectionsView },
  'remember-password': {
    parameters: exactly({ id: ConnectionId, username: text(200), password: Type.String({ minLength: 1, maxLength: 1024 }) }),
    result: ConnectionsView,
  },
  'forget-password': { parameters: byId, result: ConnectionsView },
  'controller-state': { parameters: nothing, result: ControllerState },
  'restart-controller': { parameters: nothing, result: ControllerState },
  'trial-state': { parameters: nothing, result: TrialState },
  'start-trial': { parameters: nothing, result: TrialState },
  'stop-trial': { parameters: nothing, result: TrialState },
  'read-log': { parameters: nothing, result: exactly({ text: Type.String() }) },
  'look-for-update': { parameters: nothing, result: UpdateView },
  'open-link': { parameters: exactly({ url: text(2048) }), result: nothing },
} as const satisfies Record<DesktopChannel, { parameters: TSchema; result: TSchema }>;

export type DesktopParameters<C extends DesktopChannel> = Static<(typeof desktopIpc)[C]['parameters']>;
export type DesktopResult<C extends DesktopChannel> = Static<(typeof desktopIpc)[C]['result']>;

/** How every channel answers. */
export type DesktopOutcome<C extends DesktopChannel> = Outcome<DesktopResult<C>>;

/** What the page finds as `window.mcosDesktop` in the app, and not at all in a browser. */
export interface DesktopBridge {
  call<C extends DesktopChannel>(channel: C, parameters: DesktopParameters<C>): Promise<DesktopOutcome<C>>;
  /** Answers a function that ends it. */
  onChanged(listener: () => void): () => void;
}
