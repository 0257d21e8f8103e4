import type { Observable } from 'rxjs';
import type { AttemptOutcome, AttemptRecord, Verdict } from './attempt.ts';
import type { DocumentContent, DocumentRef, ReadOutcome } from './document.ts';
import type { GateEvent, InboxEvent, Pause, Stop } from './events.ts';
import type { Prompt } from './request.ts';

/** Where documents come from. */
export interface Inbox {
  /** Every file that stands still, each time a scan or a hint looks at it. Completes only when there is no more to come. */
  readonly events: Observable<InboxEvent>;
  /** Reads one document whole and in one state. Emits once; never errors. */
  read(document: DocumentRef): Observable<ReadOutcome>;
}

/** What to ask of a document. */
export interface Recipe {
  /** Its name, for tickets and receipts; empty where the document itself is the prompt. */
  readonly name: string;
  /** Model id as the API knows it. */
  readonly model: string;
  /** The document's text is data: nothing in it is interpreted. */
  render(content: DocumentContent): Prompt;
}

export interface Recipes {
  /** The recipe of a document, before it is read. */
  choose(document: DocumentRef): Recipe;
}

/** One attempt at one request. */
export interface Llm {
  /** Cold: each subscription is one HTTP call. Emits once; never errors. Unsubscribing aborts the call. */
  attempt(prompt: Prompt, number: number): Observable<AttemptOutcome>;
}

/** What a document asks the gate with, so that limits can be per API, model, recipe or folder. */
export interface Ticket {
  readonly api: string;
  readonly model: string;
  readonly recipe: string;
  /** The document's folder below the inbox; empty for the inbox itself. */
  readonly folder: string;
  /** Bytes. */
  readonly size: number;
  /** A repeated attempt goes before fresh documents, within half of the permits. */
  readonly repeated: boolean;
}

/** Decides when the next attempt may start. */
export interface Gate {
  readonly events: Observable<GateEvent>;
  /** Emits when no further call will start, also to late subscribers. */
  readonly closing: Observable<Stop>;
  /** Emits when calls in flight are to be cut off, also to late subscribers. */
  readonly cutting: Observable<void>;
  /** Subscribes to `work` when a permit is free and holds it until `work` ends. Completes empty when the gate is closed. */
  admit<T>(ticket: Ticket, work: () => Observable<T>): Observable<T>;
  /**
   * Counts `work` as unfinished business of a call that has ended, as long as it is subscribed to: there is never more
   * of it than as much again as calls in flight, so that a slow disk slows the calls and no heap of paid answers waits.
   */
  settle<T>(work: Observable<T>): Observable<T>;
  /** Tells the gate what came of an attempt, so that it can cool or pause. */
  heed(ticket: Ticket, verdict: Verdict, message: string): void;
  pause(pause: Pause, reason: string): void;
  /** After an account or a model was paused, one call goes first, to see whether the cause is mended. */
  resume(pause: Pause): void;
}

/** What is remembered of a document's last settled version. */
export interface DocumentRecord {
  readonly state: 'done' | 'failed';
  readonly size: number;
  readonly mtimeMs: number;
  /** Hex; null where the file could not be read. */
  readonly sha256: string | null;
  /** The API base URL (or `simulator`) that the result was made through. */
  readonly api: string;
}

/** Remembers documents between runs. */
export interface Ledger {
  recall(id: string): DocumentRecord | undefined;
  /** As if the document had never been seen. Emits once when it is written. */
  forget(id: string): Observable<void>;
  /** Emits once when it is written. */
  record(id: string, record: DocumentRecord): Observable<void>;
}

/** A failed document, as `failed/<id>.error.json` tells it. */
export interface FailureReport {
  readonly document: {
    readonly id: string;
    readonly size: number;
    readonly mtimeMs: number;
    readonly sha256: string | null;
  };
  readonly code: string;
  readonly reason: string;
  readonly attempts: readonly AttemptRecord[];
}

/**
 * Where results and error reports go. What its methods throw and its Observables end with is `DiskTrouble` where nothing
 * can be filed, or be told, of any document, and `PathTrouble` where that concerns one path alone.
 */
export interface Outbox {
  /** Why the result or the report of `id` could not be filed, as far as a look tells; null where nothing bars them. */
  obstacle(id: string): string | null;
  /** The mtime (ms) of the document's result, or null where there is none. */
  resultTime(id: string): number | null;
  /** The document version that the failure report of `id` speaks of, or null where there is no report. */
  failedVersion(id: string): { readonly size: number; readonly mtimeMs: number } | null;
  /** Files a result whole, at once and durably, and removes an older failure report. Emits its path below the outbox. */
  fileResult(id: string, text: string): Observable<string>;
  /** Files an error report, with the text of a cut answer where there is one. Emits the report's path. */
  fileFailure(report: FailureReport, partial: string | null): Observable<string>;
  /** Removes the failure report, as if the document had not failed. */
  withdrawFailure(id: string): Observable<void>;
}
