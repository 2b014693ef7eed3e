/** Whom a command asks when neither flag nor environment says otherwise. */
export const defaultAdmin = { controller: 'http://127.0.0.1:7401', username: 'admin' } as const;
