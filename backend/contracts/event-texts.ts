import type { Failure } from '../base/outcome.ts';
import { composeText, valuesOf, type PartsOf, type ValuesOf } from './compose-text.ts';
import type { Sentence } from './spoken.ts';

/**
 * Every event that the Controller can append: its kind, and what it says in English. There is a text of the same id in every other
 * language.
 */
export const eventTexts = {
  nodeJoined: { kind: 'node.joined', text: '{name} joined from {provider} {region}, zone {zone}.' },
  nodeRestarted: { kind: 'node.restarted', text: '{name} was started again.' },
  nodeAddresses: { kind: 'node.addresses', text: '{name} is now at {address}, before at {before}.' },
  nodeIsJoining: { kind: 'node.state', text: '{name} is joining: {parts}.' },
  nodeIsHealthy: { kind: 'node.state', text: '{name} is healthy: {parts}.' },
  nodeIsSuspect: { kind: 'node.state', text: '{name} is suspect: {parts}.' },
  nodeIsDown: { kind: 'node.state', text: '{name} is down: {parts}.' },
  nodeIsDraining: { kind: 'node.state', text: '{name} is draining: {parts}.' },
  nodeIsRemoved: { kind: 'node.state', text: '{name} is removed: {parts}.' },
  nodeServesNobody: { kind: 'node.refuses', text: '{name} serves nobody: {reason}' },
  nodeTakesNoWrites: { kind: 'node.refuses', text: '{name} takes no writes: {reason}' },
  readSpeedMeasured: {
    kind: 'node.drift',
    text: '{name} declares a read speed of {declaredBytesPerSecond}; {actualBytesPerSecond} were measured.',
  },
  writeSpeedMeasured: {
    kind: 'node.drift',
    text: '{name} declares a write speed of {declaredBytesPerSecond}; {actualBytesPerSecond} were measured.',
  },
  readSpeedObserved: {
    kind: 'node.drift',
    text: '{name} declares a read speed of {declaredBytesPerSecond}; {actualBytesPerSecond} were observed in transfers.',
  },
  writeSpeedObserved: {
    kind: 'node.drift',
    text: '{name} declares a write speed of {declaredBytesPerSecond}; {actualBytesPerSecond} were observed in transfers.',
  },
  nodeFenced: { kind: 'node.fenced', text: '{name} is fenced: its certificate is refused everywhere from now on.' },
  nodeRemoved: {
    kind: 'node.removed',
    text: '{actor} removed {name}: nothing depended on it, and its certificate is refused everywhere from now on.',
  },
  weightSet: { kind: 'node.weight', text: '{actor} set the weight of {name} to {weight}.' },
  weightComputed: { kind: 'node.weight', text: '{actor} lets the weight of {name} be computed again.' },

  drainStarted: { kind: 'drain.started', text: '{actor} drains {name}: its copies are made elsewhere, then it leaves the rings.' },
  drainPaused: { kind: 'drain.paused', text: '{actor} paused the drain of {name}: its copies stay where they are for now.' },
  drainResumed: { kind: 'drain.resumed', text: '{actor} resumed the drain of {name}.' },
  drainCancelled: { kind: 'drain.cancelled', text: '{actor} cancelled the drain of {name}: it takes copies again.' },
  drainCancelledOutside: {
    kind: 'drain.cancelled',
    text: '{actor} cancelled the drain of {name}: it takes copies again. The rings are without it; "mcos ring create" takes it in again.',
  },
  drainCancelledElsewhere: {
    kind: 'drain.cancelled',
    text: 'The drain of {name} is over: the list of Cloud Services that was taken over says that it was cancelled. It takes copies again.',
  },
  drainGivenUp: {
    kind: 'drain.cancelled',
    text: 'The drain of {name} is over: it was given up when the rings were recovered, and its certificate is refused.',
  },
  drainFinished: {
    kind: 'drain.finished',
    text: '{name} is drained: {blobs} copies with {bytes} are elsewhere, no record names it, and the rings of epoch {epoch} are without it. It can be removed.',
  },

  ringsStarted: { kind: 'rings.started', text: '{actor} creates the rings of epoch {epoch} with {members} nodes (attempt {attempt}).' },
  ringsEndWithout: {
    kind: 'rings.started',
    text: '{actor} has given up {names}, which were lost in the midst of the change to epoch {epoch}. It ends without them.',
  },
  ringsFirst: { kind: 'rings.active', text: 'The rings are active: epoch {epoch} with {members} nodes, digest {digest}.' },
  ringsChanged: {
    kind: 'rings.active',
    text: 'The rings of epoch {epoch} are active with {members} nodes, digest {digest}; {namesCarried} names were carried over.',
  },
  ringsRefused: { kind: 'rings.refused', text: '{reason}' },
  ringsWithdrawn: { kind: 'rings.withdrawn', text: 'Withdrawn by an administrator before anything was decided.' },
  ringsAttemptWithdrawn: { kind: 'rings.withdrawn', text: 'Attempt {attempt} at the rings is withdrawn: {parts}' },

  healingStarted: { kind: 'healing.started', text: '{name} has begun to restore copies that are missing.' },
  healingProgress: {
    kind: 'healing.progress',
    text: '{name} has restored {restored} of {missing} missing copies found in {partitionsDone} of {partitions} partitions.',
  },
  healingProgressLeft: {
    kind: 'healing.progress',
    text: '{name} has restored {restored} of {missing} missing copies found in {partitionsDone} of {partitions} partitions, about {seconds} s left.',
  },
  healingFinished: { kind: 'healing.finished', text: '{name} has restored {copies} copies ({bytes}).' },
  healingUnreadable: { kind: 'healing.unreadable', text: '{blobs} blobs have no readable copy now, says {name}.' },
  healingPassedOver: { kind: 'healing.passed-over', text: '{name} cannot look after the {parts} and passes over it: {reason}' },
  healingPaused: { kind: 'healing.paused', text: '{actor} paused healing on {name}.' },
  healingPausedOnAll: { kind: 'healing.paused', text: '{actor} paused healing on all Cloud Services.' },
  healingPausedOnSome: {
    kind: 'healing.paused',
    text: '{actor} paused healing on {reached} of {total} Cloud Services; not on {names}.',
  },
  healingResumed: { kind: 'healing.resumed', text: '{actor} resumed healing on {name}.' },
  healingResumedOnAll: { kind: 'healing.resumed', text: '{actor} resumed healing on all Cloud Services.' },
  healingResumedOnSome: {
    kind: 'healing.resumed',
    text: '{actor} resumed healing on {reached} of {total} Cloud Services; not on {names}.',
  },
  scrubStarted: { kind: 'scrub.started', text: '{actor} started a scrub of {name}.' },
  scrubFinished: { kind: 'scrub.finished', text: '{name} has read all its blobs again: {damaged} of {checked} were damaged.' },
  blobDamaged: { kind: 'blob.damaged', text: '{name} has put {blobs} damaged blobs into quarantine.' },
  sweepRemoved: { kind: 'sweep.removed', text: '{name} has removed {blobs} blobs that nothing referred to.' },

  tokenCreated: { kind: 'token.created', text: '{actor} created the join token {name}.' },
  tokenRevoked: { kind: 'token.revoked', text: '{actor} revoked the join token {name}.' },
  tokenRefused: { kind: 'token.refused', text: '{name} was not let in: {reason}' },
  userCreated: { kind: 'user.created', text: '{actor} created the user {name}.' },
  userRemoved: { kind: 'user.removed', text: '{actor} removed the user {name}.' },
  userPassword: { kind: 'user.password', text: '{actor} set a new password for {name}.' },
  bucketCreated: { kind: 'bucket.created', text: '{actor} created the bucket {name}.' },
  bucketRemoved: { kind: 'bucket.removed', text: '{actor} removed the bucket {name}.' },
  settingsRingsByHand: {
    kind: 'settings.changed',
    text: '{actor} changed the settings: rings by hand, events kept for {days} days.',
  },
  settingsRingsByThemselves: {
    kind: 'settings.changed',
    text: '{actor} changed the settings: rings by themselves at {nodes} nodes, events kept for {days} days.',
  },
  settingsRingsWithoutNumber: {
    kind: 'settings.changed',
    text: '{actor} changed the settings: rings by themselves, but no number of nodes is given; events kept for {days} days.',
  },
  loginFailed: { kind: 'admin.login-failed', text: 'A login as {name} from {address} failed.' },
  loginsLocked: { kind: 'admin.locked', text: 'Logins as {name} from {address} are locked after too many failures.' },
  listTakenOver: {
    kind: 'node.list',
    text: 'The Controller was started from an older copy of its data: {name} holds version {held} of the list of Cloud Services, the Controller had {own}. It took over {added} Cloud Services, {removed} removals and {changed} other changes, and goes on from there. Drains and join tokens are as in the copy.',
  },
  listNotFetched: {
    kind: 'node.list',
    text: '{name} holds a list of Cloud Services that is not known here and that could not be fetched for a minute. Until it is, no fence and no other change of the list takes effect there: {reason}',
  },
  auditBroken: {
    kind: 'audit.broken',
    text: 'The audit log was changed outside the Controller: from entry {firstBroken} on (of {entries}) its hashes do not follow. Compare it with a backup.',
  },
} as const satisfies Record<string, { readonly kind: string; readonly text: string }>;

export type EventTextId = keyof typeof eventTexts;
export type EventKind = (typeof eventTexts)[EventTextId]['kind'];

type TextOf<Id extends EventTextId> = (typeof eventTexts)[Id]['text'];

/** What an event says: in English, and by key and values for translations. */
export interface EventText {
  readonly kind: EventKind;
  readonly message: string;
  readonly sentenceKey: string;
  readonly sentenceValues: Readonly<Record<string, string | number>>;
  readonly sentenceReason?: Sentence;
  readonly sentenceParts?: readonly Sentence[];
}

/** The one place where the message of an event is made. */
export function eventText<Id extends EventTextId>(id: Id, values: ValuesOf<TextOf<Id>>, ...parts: PartsOf<TextOf<Id>>): EventText {
  const { kind, text } = eventTexts[id];
  const made = valuesOf(values);
  const message = composeText(text, made.sentenceValues, parts);
  return { kind, message, sentenceKey: `events.${id}`, ...made, ...(parts.length === 0 ? {} : { sentenceParts: parts }) };
}

/** Rings that were not made: why, in its own words where it has translations. */
export function refusedEvent({ message, spoken }: Pick<Failure, 'message' | 'spoken'>): EventText {
  if (spoken === undefined) return eventText('ringsRefused', { reason: message });
  const { sentence, ...made } = spoken;
  return { kind: 'rings.refused', message: sentence, ...made };
}
