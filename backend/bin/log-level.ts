/** How much a process logs. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';
