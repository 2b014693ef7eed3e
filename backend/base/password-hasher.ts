/** Slow hashing of passwords as a port: scrypt (N=2^17, r=8, p=1) in production, cheap in the simulator. */
export interface PasswordHasher {
  /** A self-describing text (`scrypt$N$r$p$salt$hash`). */
  hash(password: string): Promise<string>;
  /** Constant time in the password; false for a text it does not understand. */
  verify(password: string, hashed: string): Promise<boolean>;
}
