import type { AttemptRecord } from './attempt.ts';
import type { DocumentRecord, DocumentVersion, RecipeIdentity, VersionRecord } from './ledger.ts';
import type { Receipt } from './receipt.ts';

/** What was spent through one API on one model in one day. */
export interface Spending {
  /** UTC, `2026-03-31`. */
  readonly day: string;
  readonly api: string;
  /** The model that was asked. */
  readonly model: string;
  readonly attempts: number;
  /** Attempts that may have been billed, and of which no whole reply came. */
  readonly inDoubt: number;
  /** USD; the sum of what is known. */
  readonly costUsd: number;
  /** Attempts that cost, or may have cost, and nobody said how much. */
  readonly costUnknownAttempts: number;
}

/** An attempt as it stands in the ledger; `record` is null while it is in flight, or where its process died. */
export interface LedgerAttempt {
  readonly number: number;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** Hex SHA-256 of the request's body. */
  readonly bodySha256: string;
  readonly model: string;
  readonly generationId: string | null;
  readonly record: AttemptRecord | null;
  /** False where it no longer counts towards `--retries`. */
  readonly counts: boolean;
}

/** One version of a document with all that happened to it. */
export interface VersionHistory
  extends DocumentVersion,
    Omit<VersionRecord, 'attempts' | 'recipe' | 'lastNumber' | 'lastBilling'> {
  readonly current: boolean;
  readonly recipe: RecipeIdentity | null;
  readonly dueAt: number | null;
  /** ISO 8601, UTC. */
  readonly updatedAt: string;
  readonly attempts: readonly LedgerAttempt[];
  /** Path below the outbox; null where it has none. */
  readonly result: string | null;
  /** Null where it has no result, or one that was found and not made. */
  readonly receipt: Receipt | null;
}

/** Reads the ledger beside the process that works with it. Everything throws `DiskTrouble`. */
export interface LedgerReader {
  /** The current version of every document. */
  documents(): Iterable<DocumentRecord & { readonly id: string }>;
  /** Attempts that were begun and have not ended. */
  inFlight(): number;
  /** Newest day first. */
  spending(): readonly Spending[];
  /** Newest version first; empty where the document is not known. */
  history(id: string): readonly VersionHistory[];
  /** The document whose result is to lie at a path below the outbox, as far as is remembered; undefined where none is. */
  ownerOf(resultPath: string): string | undefined;
  /** The results that lie in the outbox, in order of their documents' ids, each with its answer; one at a time. */
  results(): Iterable<{ readonly receipt: Receipt; readonly answer: string }>;
  close(): void;
}

/** Which documents are to be taken back into work. */
export interface ReopenRequest {
  /** True for the ids that are meant. */
  readonly matches: (id: string) => boolean;
  /** Our word for the failure; null for any. */
  readonly code: string | null;
}
