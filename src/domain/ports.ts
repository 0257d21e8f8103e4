import type { Observable } from 'rxjs';
import type { AttemptOutcome, AttemptRecord, ReplyHead } from './attempt.ts';
import type { DocumentContent, DocumentRef, ReadOutcome } from './document.ts';
import type { GateEvent, InboxEvent, Pause, Stop } from './events.ts';
import type { RecipeIdentity } from './ledger.ts';
import type { Receipt } from './receipt.ts';
import type { Prompt } from './request.ts';

/** Where documents come from. */
export interface Inbox {
  /** Every file that stands still, each time a scan or a hint looks at it. Completes only when there is no more to come. */
  readonly events: Observable<InboxEvent>;
  /** Reads one document whole and in one state. Emits once; never errors. */
  read(document: DocumentRef): Observable<ReadOutcome>;
  /**
   * Takes an input that is done with out of the inbox, as `--after` says. Emits its path below the archive, or null
   * where it was deleted; completes empty where it is no longer the file that was read. Errors with `PathTrouble` or
   * `DiskTrouble`.
   */
  release(document: DocumentRef, sha256: string): Observable<string | null>;
}

/** What to ask of a document. */
export interface Recipe extends RecipeIdentity {
  /** The document's text is data: nothing in it is interpreted. */
  render(content: DocumentContent): Prompt;
}

export interface Recipes {
  /** The recipe of a document, before it is read. */
  choose(document: DocumentRef): Recipe;
}

export interface Llm {
  /** Writes the request down, once for all its attempts. Nothing is sent. */
  prepare(prompt: Prompt): PreparedRequest;
}

export interface PreparedRequest {
  /** Hex SHA-256 of the body's bytes. */
  readonly bodySha256: string;
  /** Of the body. */
  readonly bytes: number;
  /** The longest answer that it asks for, in tokens. */
  readonly maxTokens: number;
  /**
   * Cold: each subscription is one HTTP call. Emits the head of the reply, where one comes, and then what came of it;
   * never errors. Unsubscribing aborts the call.
   */
  attempt(start: AttemptStart): Observable<AttemptProgress>;
}

export interface AttemptStart {
  /** 1 for the first attempt of a document version. */
  readonly number: number;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** True where the reply that the API may have kept of this very request is not wanted again. */
  readonly anew: boolean;
}

export type AttemptProgress =
  | { readonly kind: 'head'; readonly head: ReplyHead }
  | { readonly kind: 'ended'; readonly outcome: AttemptOutcome };

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

/** What tokens of one model cost. */
export interface Price {
  /** USD per token. */
  readonly prompt: number;
  /** USD per token. */
  readonly completion: number;
  /** USD per call. */
  readonly request: number;
}

export interface Prices {
  /** Null where nobody knows. */
  of(model: string): Price | null;
}

/** What a call will use, as far as that can be told before; the gate sets it aside. */
export interface Demand {
  /** Estimated. */
  readonly promptTokens: number;
  /** The longest answer that it asks for, in tokens. */
  readonly maxTokens: number;
  /** The most that it can cost, USD; null where no price is known. */
  readonly worstUsd: number | null;
}

/** What a document holds while it gets ready for its call, and while that is in flight. */
export interface Seat {
  /**
   * Sets aside what the call will use. Emits once: `reserved` when rates and budget allow it to start, `unaffordable`
   * where the whole budget would not do. Completes empty where the document is to stand in line again. What was set
   * aside and not used is given back with the seat.
   */
  reserve(demand: Demand): Observable<'reserved' | 'unaffordable'>;
  /** Subscribes to `call` as soon as one more may be in flight. Completes empty where the document is to stand in line again. */
  fly<T>(call: () => Observable<T>): Observable<T>;
  /** Tells the gate what came of the call, before it ends: so no other one starts in ignorance of it. */
  heed(outcome: Pick<AttemptOutcome, 'record' | 'verdict'>): void;
}

/** Decides when the next attempt may start. */
export interface Gate {
  readonly events: Observable<GateEvent>;
  /** Emits when no further call will start, also to late subscribers. */
  readonly closing: Observable<Stop>;
  /** Emits when calls in flight are to be cut off, also to late subscribers. */
  readonly cutting: Observable<void>;
  /**
   * Subscribes to `work` when a seat is free and holds it until `work` ends. Completes empty where nothing starts any
   * more. There are a few more seats than calls may be in flight, so that a call is ready when another one ends.
   */
  admit<T>(ticket: Ticket, work: (seat: Seat) => Observable<T>): Observable<T>;
  /**
   * Counts `work` as unfinished business of a call that has ended, as long as it is subscribed to: there is never more
   * of it than as much again as calls in flight, so that a slow disk slows the calls and no heap of paid answers waits.
   */
  settle<T>(work: Observable<T>): Observable<T>;
  pause(pause: Pause, reason: string): void;
  /** After an account or a model was paused, one call goes first, to see whether the cause is mended. */
  resume(pause: Pause): void;
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
  /** The document's result: its path below the outbox and its mtime (ms); null where there is none. */
  resultOf(id: string): { readonly path: string; readonly mtimeMs: number } | null;
  /** The document version that the failure report of `id` speaks of, or null where there is no report. */
  failedVersion(id: string): { readonly size: number; readonly mtimeMs: number } | null;
  /** Files a result whole, at once and durably, and removes an older failure report. Emits its path below the outbox. */
  fileResult(id: string, text: string): Observable<string>;
  /** Files a receipt beside the result: `<result>.receipt.json`. */
  fileReceipt(id: string, receipt: Receipt): Observable<void>;
  /** Files an error report, with the text of a cut answer where there is one. Emits the report's path. */
  fileFailure(report: FailureReport, partial: string | null): Observable<string>;
  /** Removes the failure report, as if the document had not failed. */
  withdrawFailure(id: string): Observable<void>;
}
