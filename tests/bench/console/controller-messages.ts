/** Between the bench and the process of the Controller it measures. */
export interface ControllerOrder {
  readonly nodes: number;
  readonly dataDirectory: string;
  readonly pagesDirectory: string;
}
export type ToController =
  | ({ readonly kind: 'start' } & ControllerOrder)
  /** Changes a second that reach the page as events; 0: none. */
  | { readonly kind: 'updates'; readonly perSecond: number }
  | { readonly kind: 'usage' }
  | { readonly kind: 'stop' };

export interface ControllerUsage {
  /** Processor time of the whole process and time gone by since its start. */
  readonly processorMs: number;
  readonly elapsedMs: number;
  /** Updates that were made, and that were refused. */
  readonly updates: number;
  readonly refused: number;
}
export type FromController =
  | { readonly kind: 'started'; readonly consoleUrl: string; readonly password: string }
  | ({ readonly kind: 'usage' } & ControllerUsage)
  | { readonly kind: 'done' };
