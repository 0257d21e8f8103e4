import type { CacheUse } from './usage.ts';

/** What a call finds in a provider's cache. */
export interface CacheVisit {
  readonly use: CacheUse;
  /** Call it when the call has ended: only then others find what it brought. */
  readonly keep: (nowMs: number) => void;
}

/** A beginning that is kept is forgotten after so long. */
export const KEPT_MS = 300_000;
