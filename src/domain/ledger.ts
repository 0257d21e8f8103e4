import type { AttemptRecord, Billing, ReplyHead } from './attempt.ts';
import type { DocumentRef, FileState, Provenance } from './document.ts';
import type { Answer, Reply } from './request.ts';

/** What is asked, and of whom: with a document's SHA-256 it makes the fingerprint. */
export interface RecipeIdentity {
  /** Hex SHA-256 of what shapes an answer beside the document: recipe source, model, parameters, API. */
  readonly hash: string;
  /** For tickets and receipts; empty if the document itself is the prompt. */
  readonly name: string;
  /** Model id as the API knows it. */
  readonly model: string;
  /** The API base URL, or `simulator`. */
  readonly api: string;
}

/**
 * Of a document version. `pending`: begun, and neither answered nor given up. `held`: kept for a person. `replaced`: it
 * was done, and a later version's result took the place of its own.
 */
export type DocumentState = 'pending' | 'done' | 'failed' | 'held' | 'replaced';

/** What is remembered of a document's current version, in memory. */
export interface DocumentRecord extends FileState {
  readonly state: DocumentState;
  /** The API that it was asked through, or that refused it. */
  readonly api: string;
  /** The recipe's hash; null if not known, as of a result that was found in the outbox. */
  readonly recipe: string | null;
  /** Not to be asked before (ms since the epoch); null if no time is set. */
  readonly dueAt: number | null;
  /** Of the answer to a document that is done; null in other states, and if they were not recorded. */
  readonly readers: Provenance['readers'];
}

/** What the ledger holds of one version of a document. */
export interface VersionRecord extends Pick<DocumentRecord, 'state' | 'api' | 'recipe' | 'readers'> {
  /** Why it failed or is held: our word, and a sentence; null in other states. */
  readonly code: string | null;
  readonly reason: string | null;
  /** Those that still count, oldest first: since its last success, and since it was reopened. */
  readonly attempts: readonly AttemptRecord[];
  /** The number of the last attempt, also of those that no longer count; 0 if there was none. */
  readonly lastNumber: number;
  /** Of the last attempt that was, or may have been, billed; null if none was. */
  readonly lastBilling: Billing | null;
}

/** An answer in the ledger, with the attempt that brought it. */
export interface KnownAnswer extends Answer, Provenance {
  /** The document that it was made for. */
  readonly document: string;
  readonly attempt: AttemptRecord;
}

/** A document version: these bytes under this name. */
export interface DocumentVersion {
  readonly document: DocumentRef;
  /** Hex SHA-256 of the bytes; null if they were never read whole. */
  readonly sha256: string | null;
}

/** An attempt that is about to be sent. */
export interface BegunAttempt extends DocumentVersion {
  readonly recipe: RecipeIdentity;
  readonly number: number;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** Hex SHA-256 of the request's body. */
  readonly bodySha256: string;
  /** Attempts up to this number no longer count. */
  readonly forgiven: number;
  /** The most that it can cost, USD: what counts as spent if its cost is never stated. Null if no price is known. */
  readonly reservedUsd: number | null;
}

/** An attempt that ended, and what it brought. */
export interface EndedAttempt extends DocumentVersion {
  readonly record: AttemptRecord;
  readonly answer: ({ readonly fingerprint: string } & Answer & Provenance) | null;
  /** Its reply, if further requests follow on it: kept, so that it is not paid for again. */
  readonly reply: ({ readonly key: string } & Reply) | null;
}

/** What became of a document version. */
export type Settlement = DocumentVersion & {
  readonly api: string;
  /** Null if no recipe had a part in it. */
  readonly recipe: RecipeIdentity | null;
} & (
    | {
        readonly state: 'done';
        /** Path below the outbox. */
        readonly result: string;
        /** The fingerprint of its answer; null if the result was found, not made. */
        readonly fingerprint: string | null;
        /** True if no call was made for it: the ledger held the answer. */
        readonly reused: boolean;
        /** Those of its answer; null if the result was found. */
        readonly readers: Provenance['readers'];
      }
    | { readonly state: 'failed' | 'held'; readonly code: string; readonly reason: string }
    /** Not before `dueAt` (ms since the epoch); null: as soon as may be. */
    | { readonly state: 'pending'; readonly dueAt: number | null }
  );

/**
 * Remembers documents, attempts, answers and money. Writes resolve when they are durable, and reject with `DiskError` if they
 * could not be made so: then they may be repeated. Reads see what is durable; they reject with `DiskError`, and synchronous
 * ones throw it.
 */
export interface Ledger {
  /** The current version of a document. Synchronous; never throws. */
  recall(id: string): DocumentRecord | undefined;
  version(id: string, sha256: string): Promise<VersionRecord | undefined>;
  /** The answer to a fingerprint, made at or after `since` (ISO 8601). */
  answer(fingerprint: string, since?: string): Promise<KnownAnswer | undefined>;
  /** The reply that was kept under a key, made at or after `since` (ISO 8601). */
  reply(key: string, since?: string): Promise<Reply | undefined>;
  /** The path below the outbox of the current version's result, if it has one. Synchronous. */
  resultPath(id: string): string | undefined;
  /** The document whose result belongs at a path below the outbox, if one is remembered. Synchronous. */
  ownerOf(resultPath: string): string | undefined;
  /** Before the request leaves. The version becomes the current one, and `pending`. */
  begin(attempt: BegunAttempt): Promise<void>;
  /** As soon as the head of the reply is there. */
  head(version: DocumentVersion, number: number, head: ReplyHead): Promise<void>;
  end(attempt: EndedAttempt): Promise<void>;
  /** The version becomes the current one. With `done`, its attempts no longer count, and an older one is `replaced`. */
  settle(settlement: Settlement): Promise<void>;
  /** The same bytes in another state of the file: the version becomes the current one. */
  touch(version: DocumentVersion): Promise<void>;
  /** Completes the states of files of which an older version of the program recorded size and mtime alone. */
  completeStates(documents: readonly DocumentRef[]): Promise<void>;
  /** The current version is `pending` again, and its attempts so far no longer count. */
  reopen(id: string): Promise<void>;
}
