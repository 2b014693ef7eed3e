import { sentencesOf } from './compose-text.ts';

/** Why the desktop app refuses something, or cannot reach what it is asked to. */
export const desktopRefusalTexts = {
  // the way to a Controller
  noController: 'No Controller is chosen yet. Choose a connection.',
  otherController:
    'The server at {url} does not prove to be the Controller of this cluster ({reason}). Nothing was sent. Check the address and the CA digest of the connection.',
  silentController: 'The Controller at {url} does not answer ({reason}). Check that it runs and that the address is right.',
  oddLogin: 'The Controller answered the login with status {status}.',
  // the Controller and the Cloud Services on this computer
  notStarted: 'The Controller on this computer did not start.',
  notRunning: 'The Controller on this computer does not run.',
  otherPassword:
    'There is a Controller on this computer already, and this is not the password of its administrator "{name}". Log in with the password that it has. If that is lost, quit this app and give another one: mcos controller password --data "{directory}".',
  shortPassword: 'The password needs at least {least} characters.',
  notLoggedIn: 'Log in to the Controller on this computer first.',
  otherConnection: 'The local Cloud Services join the Controller on this computer: choose it as the connection first.',
  // connections
  noConnection: 'There is no connection {named}.',
  tooManyConnections: 'That would be {connections} connections; this app keeps {most}. Remove some first.',
  noAddress: '{typed} is not the address of a console. Write for example https://controller.example:7401.',
  longAddress: '{typed} has more than scheme, host and port. Write for example https://controller.example:7401.',
  openAddress:
    '{typed} would send the password in the clear: only https leaves this computer. Write for example https://controller.example:7401.',
  noDigest: 'The CA digest has 64 hexadecimal digits, as Settings of the console shows it, or the 43 characters of a join token.',
  largeFile: '{file} is larger than a file of connections. Choose one that "Export" has written.',
  notJson: 'The file is not JSON ({reason}). Choose one that "Export" has written.',
  otherFile: 'The file holds no connections of MCOS in a form that this release knows. Choose one that "Export" has written.',
  // the app itself
  noFeed: 'No address is set that tells the newest version. Set one first; until then nobody is asked.',
  oddFeed: '{feed} does not tell the newest version ({reason}). Check the address.',
  notOpened: 'Only https addresses are opened in the browser.',
  noKeychain: 'The keychain cannot be used: {reason}.',
  noKeychainNorEncryption: 'The keychain cannot be used: {reason}. Encryption by the app cannot be used either: {parts}.',
  noEncryption: 'the system offers no encryption to this app',
  openEncryption: 'the system would encrypt with a key that is no secret ({backend})',
  portTaken:
    'Another process listens on port {port} of this computer already, perhaps another Controller. Stop it, then start this one again.',
  endedByDefect: 'It ended because of a defect: {reason}',
  trialNotStarted: 'The local Cloud Services could not be started: {reason}',
  trialEnded: '{name} has ended.',
  defect: 'A defect in the app; its log has the particulars.',
} as const;

export const desktopRefusalSentence = sentencesOf('desktopRefusal', desktopRefusalTexts);
