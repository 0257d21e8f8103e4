export type EventLevel = 'error' | 'warn' | 'info' | 'debug';

/** An event in words, and how much it matters. */
export interface Description {
  readonly level: EventLevel;
  /** A sentence without the document's name. */
  readonly message: string;
}
