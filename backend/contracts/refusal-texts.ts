import { sentencesOf } from './compose-text.ts';

/** Why the Controller refuses what an administrator asks for. */
export const refusalTexts = {
  // sessions and requests
  noSession: 'There is no session, or it has ended. Log in (POST /api/v1/session).',
  wrongLogin: 'The username or the password is wrong.',
  lockedOut: 'Too many failed logins of {login} from {address}. Try again in {minutes} min.',
  loginsBusy: 'Too many logins at once. Try again in a few seconds.',
  otherHost: 'The Host header {host} is not on the list of the console ({hosts}). Use one of these addresses.',
  otherOrigin: 'The Origin {origin} may not use this console.',
  otherSite: 'A page of another site may not use this console.',
  tooLarge: 'The body is larger than {most} bytes.',
  unreadable: 'The request cannot be read: {reason}',
  nothingHere: 'There is no {method} {path} here.',
  streamsBusy: 'There are {most} event streams already. Close a console window.',
  // Without the path: a login that is refused says it to strangers too.
  diskFull:
    'The disk of the Controller has no space left, and this needs some, so it was not done. Free space where the Controller keeps its data (its log names the file) and try again. Whoever is logged in can go on looking; Cloud Services go on serving.',
  defect: 'A defect in the Controller; its log has the particulars.',
  // Cloud Services and tokens
  noCloudService: 'There is no Cloud Service named {named}.',
  nobodyHealthy: 'No Cloud Service is healthy now, so nobody can carry this out. Look at the list of Cloud Services.',
  nobodyLists: 'No Cloud Service is healthy now, so the accounts cannot be listed.',
  noToken: 'There is no join token {token}. "token list" shows all.',
  // drains and removals
  notDrained: '{name} is not being drained (it is {parts}).',
  isRemoved: '{name} is removed already.',
  isRefused: '{name} is removed already: its certificate is refused everywhere.',
  isDrained: '{name} is being drained already.',
  nothingStored: 'The rings have not been made yet, so nothing is stored on {name}: remove it with "mcos node remove {name}".',
  noRoomElsewhere:
    '{name} holds {held} bytes, and the other healthy Cloud Services together have {free} free: they cannot take its copies. Add a node first.',
  nothingToPause: 'The drain of {name} is {parts}: there is nothing left to pause.',
  notPaused: 'The drain of {name} is {parts}, not paused.',
  leavesRings: 'The rings are being changed to be without it: wait until they are active, or withdraw the change while it is not decided.',
  stillNeeded: '{name} cannot be removed yet. {sentences}',
  // rings
  noRings: 'The rings have not been made yet. Create them first.',
  noRingsYet: 'There are no rings yet.',
  firstRingsMade: 'The first rings are made already.',
  changeEnded: 'The ring change has just come to its end.',
  planOutdated:
    'The plan with digest {digest} is outdated: the present list gives {present}. Look at the new plan and create the rings again.',
  nothingToChange: 'The rings are as the list wants them: nothing would change, and nothing was started.',
  isDecided: 'The epoch is decided; it cannot be withdrawn any more.',
  noChange: 'No ring change is under way.',
  unknownWeights: 'No Cloud Service is named {names}: its weight cannot be set. Nothing was changed.',
  bucketOfOwner: 'The bucket "{name}" exists already and belongs to {owner}.',
  // recovery
  nothingLostYet: 'The rings have not been made yet, so no partition can have lost its majority.',
  otherCluster: '{typed} is not the name of this cluster. Nothing was given up; type its name to go on.',
  nothingLost:
    'Every partition has a majority of its replicas, so nothing has to be given up: "mcos ring create" makes rings without the nodes that are down.',
  otherLost: 'The nodes that are lost now are {lost}, not {names}. Nothing was given up; look at what would be lost again.',
} as const;

/** In which state a Cloud Service is, within them. */
export const nodeStateTexts = {
  joining: 'joining',
  healthy: 'healthy',
  suspect: 'suspect',
  down: 'down',
  draining: 'draining',
  removed: 'removed',
} as const;

export const refusalSentence = sentencesOf('refusal', refusalTexts);
export const nodeStateSentence = sentencesOf('nodeState', nodeStateTexts);
