/** How long a join token can be used when nobody says otherwise, and at most. */
export const defaultTtlSeconds = 3_600;
export const maximumTtlSeconds = 7 * 86_400;
