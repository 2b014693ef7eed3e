/** Where and how a node's source is changed for a test (`altered-node.ts`). */
export interface Alteration {
  /** End of the file's path. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

export const alterations: Readonly<Record<string, Alteration>> = {
  /** A valid ring of the same nodes and shares, with the first two replicas of every partition swapped. */
  'other-builder': {
    file: '/backend/ring/build-ring.ts',
    find: '  return { nodes, partitionPower, replicas, assignment: placement.slots };',
    replace: `  const { slots } = placement;
  for (let at = 0; at + 1 < slots.length; at += replicas) [slots[at], slots[at + 1]] = [slots[at + 1]!, slots[at]!];
  return { nodes, partitionPower, replicas, assignment: slots };`,
  },
  /** Ends without a word when it is asked to promise an epoch for good. */
  'dies-at-acknowledge': {
    file: '/backend/cloud-service/admin-cloud-controller/epoch-state.ts',
    find: '      const { acknowledged, withdrawnAttempt } = this.#stored;\n',
    replace: `      process.kill(process.pid, 'SIGKILL');\n      const { acknowledged, withdrawnAttempt } = this.#stored;\n`,
  },
  /** A Controller that ends at a step of a ring change: when the members have confirmed, promised, accepted …  */
  'dies-when-confirmed': {
    file: '/backend/epochs/propose-change.ts',
    find: `deps.onConfirmed?.();`,
    replace: `process.kill(process.pid, 'SIGKILL'); deps.onConfirmed?.();`,
  },
  'dies-when-promised': {
    file: '/backend/epochs/epoch-register.ts',
    find: `const accepting = await round.accept(`,
    replace: `process.kill(process.pid, 'SIGKILL'); const accepting = await round.accept(`,
  },
  'dies-when-accepted': {
    file: '/backend/epochs/epoch-register.ts',
    find: `if (accepting.kind === 'ok') return`,
    replace: `process.kill(process.pid, 'SIGKILL'); if (accepting.kind === 'ok') return`,
  },
  /** … and when it has taken the decision over: before anybody is told, before names are carried, before the old epoch is retired, at the end. */
  'dies-before-joint': {
    file: '/backend/epochs/change-driver.ts',
    find: `async join(certificate: EpochCertificate): Promise<void> {\n`,
    replace: `async join(certificate: EpochCertificate): Promise<void> {\n      process.kill(process.pid, 'SIGKILL');\n`,
  },
  'dies-before-sync': {
    file: '/backend/epochs/change-driver.ts',
    find: `async carry(certificate: EpochCertificate): Promise<void> {\n`,
    replace: `async carry(certificate: EpochCertificate): Promise<void> {\n      process.kill(process.pid, 'SIGKILL');\n`,
  },
  'dies-before-active': {
    file: '/backend/epochs/change-driver.ts',
    find: 'async #advance(certificate: EpochCertificate, phase: EpochPhase): Promise<void> {\n',
    replace: `async #advance(certificate: EpochCertificate, phase: EpochPhase): Promise<void> {\n    if (phase === 'active') process.kill(process.pid, 'SIGKILL');\n`,
  },
  'dies-before-announcing': {
    file: '/backend/epochs/change-driver.ts',
    find: `async announce(certificate: EpochCertificate): Promise<void> {\n`,
    replace: `async announce(certificate: EpochCertificate): Promise<void> {\n      process.kill(process.pid, 'SIGKILL');\n`,
  },
  /** A Controller whose sessions end a few seconds after they began. */
  'short-sessions': {
    file: '/backend/controller/accounts/sessions.ts',
    find: 'const idleMs = 30 * 60_000;',
    replace: 'const idleMs = 12_000;',
  },
  /** A Controller whose disk fails with the first entry of the audit log: at the first login. */
  'disk-fails-at-login': {
    file: '/backend/adapters/storage/sqlite-document-store.ts',
    find: `        database.exec('BEGIN IMMEDIATE');\n`,
    replace: `        if (changes.some(({ collection }) => collection === 'audit')) throw new Error('disk I/O error');\n        database.exec('BEGIN IMMEDIATE');\n`,
  },
  /** A process of another release, one that has another admin API, and one on a machine of which the clock is an hour ahead. */
  'another-release': {
    file: '/backend/bin/software-version.ts',
    find: 'return installation().version;',
    replace: `return '99.1.0';`,
  },
  'another-api': {
    file: '/backend/controller/api/security.ts',
    find: `export const apiPrefix = '/api/v1';`,
    replace: `export const apiPrefix = '/api/v2';`,
  },
  'clock-ahead': {
    file: '/backend/adapters/system/system-clock.ts',
    find: 'nowMs: () => Date.now(),',
    replace: 'nowMs: () => Date.now() + 3_600_000,',
  },
  /** Believes the first replica that it asks. */
  'read-one-replica': {
    file: '/backend/register/read.ts',
    find: `if (!plants.has('read-one-replica')) return attempt;`,
    replace: '',
  },
};
