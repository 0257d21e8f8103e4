import type { Observable } from 'rxjs';
import type { AttemptOutcome, AttemptRecord, ReplyHead } from './attempt.ts';
import type { DocumentContent, DocumentRef, ReadOutcome } from './document.ts';
import type { GateEvent, InboxEvent, Pause, Stop } from './events.ts';
import type { Receipt } from './receipt.ts';
import type { Keepsake, PdfEngine, Recipe } from './recipe.ts';
import type { Answer, Part, Prompt, Reply, ReplyExtras, ResultPlace } from './request.ts';

/** Where documents come from. */
export interface Inbox {
  /** Every file that stands still, each time a scan or a hint looks at it. Completes only when there is no more to come. */
  readonly events: Observable<InboxEvent>;
  /** Reads one document whole and in one state. Emits once; never errors. */
  read(document: DocumentRef): Observable<ReadOutcome>;
  /**
   * Takes an input that is done with out of the inbox. Emits its path below the archive, or null where it was deleted;
   * completes empty where it is no longer the one that was read. Errors with `PathTrouble` or `DiskTrouble`.
   */
  release(document: DocumentRef, sha256: string, after: 'archive' | 'delete'): Observable<string | null>;
}

/** Makes of a document's bytes what a model takes. */
export interface Converter {
  /** Emits once; never errors. The type of each file is told by its bytes. `pdf: 'text'` makes text of PDFs here. */
  convert(content: DocumentContent, pdf: PdfEngine | null): Observable<Converted>;
}

export type Converted =
  | { readonly kind: 'converted'; readonly parts: readonly Part[] }
  /** It can never be sent as it is. `code` is a stable word, `reason` a sentence. */
  | { readonly kind: 'refused'; readonly code: string; readonly reason: string };

/** A document that is being asked. */
export interface Inquiry {
  readonly document: DocumentRef;
  /** Tells its bytes, and what is asked of them, apart from all others. */
  readonly fingerprint: string;
  readonly parts: readonly Part[];
  readonly recipe: Recipe;
}

/**
 * What is asked of a document, and what is made of the replies. A document may need several requests: in parts, to go on
 * with an answer that was cut, to mend one. The same inquiry and replies always lead to the same move.
 */
export interface Dialogue {
  /** What follows on the replies to the requests so far. Emits once; never errors. */
  next(inquiry: Inquiry, replies: readonly Reply[]): Observable<Move>;
}

export type Move =
  | {
      readonly kind: 'ask';
      readonly prompt: Prompt;
      /** What is made of the reply. Holds nothing of the document. */
      readonly judge: (reply: Reply) => Judgement;
    }
  /** How it is asked depends on what cannot be learned at the moment. */
  | { readonly kind: 'later'; readonly reason: string }
  /** It cannot be asked as it is, or not any further. */
  | {
      readonly kind: 'refused';
      readonly code: string;
      readonly reason: string;
      /** What the replies so far come to, for people; null where there is nothing. */
      readonly partial: string | null;
    };

export type Judgement =
  | { readonly kind: 'answer'; readonly answer: Answer }
  /** Another request follows; the code and message are the attempt's. */
  | { readonly kind: 'further'; readonly code: string; readonly message: string }
  | {
      readonly kind: 'fail';
      readonly code: string;
      readonly message: string;
      /** What there is of an answer, for people; null where there is nothing. */
      readonly partial: string | null;
    };

export interface Llm {
  /** Writes the request down, once for all its attempts. Nothing is sent. */
  prepare(prompt: Prompt): PreparedRequest;
}

export interface PreparedRequest {
  /** Hex SHA-256 of the body's bytes. */
  readonly bodySha256: string;
  /** Those that may answer: the one that is asked, and those that stand in for it. */
  readonly models: readonly string[];
  /** Of the body. */
  readonly bytes: number;
  /** No prompt of this request has more tokens, as far as APIs tell what images, sound and files come to. */
  readonly promptTokensAtMost: number;
  /** Estimated. */
  readonly likelyPromptTokens: number;
  /** The most that it can cost beside its tokens, USD. */
  readonly feesUsdAtMost: number;
  /** How much dearer than listed its tokens can be: 1 where they are not, Infinity where nobody tells. */
  readonly surcharge: number;
  /** The longest answer that it asks for, in tokens. */
  readonly maxTokens: number;
  /**
   * One HTTP call. Cold, and to be subscribed to once: the body is let go of as soon as it has left. Emits that it was
   * sent, the head of the reply, where one comes, and then what came of it; never errors. Unsubscribing aborts the call.
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
  /** The request was written whole, and takes no more memory. Told once at most; an early reply may come before it. */
  | { readonly kind: 'sent' }
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
  /** Calls in flight with this recipe, at most; null: as many as the run allows. */
  readonly recipeCalls: number | null;
  /** What is spent with this recipe, at most, USD: by a `--once` run, by the daemon per UTC day; null: no limit of its own. */
  readonly recipeCostUsd: number | null;
  /** Its prompts begin alike, and long enough that a provider's cache makes all but the first of them cheaper. */
  readonly sharesBeginning: boolean;
}

/** What tokens of one model cost. */
export interface Price {
  /** USD per token. */
  readonly prompt: number;
  /** USD per token that the provider had in its cache; absent where it is not told. */
  readonly cachedPrompt?: number;
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

/** What comes of asking for tokens and money. */
export type Leave =
  /** Rates and budget allow the call to start. */
  | { readonly kind: 'reserved' }
  /** The whole budget would not do. */
  | { readonly kind: 'unaffordable' }
  /** What may be spent with its recipe is spent. `refilledAt` (ms since the epoch): when it may be again; null: not in this run. */
  | { readonly kind: 'recipe spent'; readonly refilledAt: number | null };

/** What a document holds while it gets ready for its call, and while that is in flight. */
export interface Seat {
  /**
   * Sets aside what the call will use. Emits once. Completes empty where the document is to stand in line again. What was
   * set aside and not used is given back with the seat.
   */
  reserve(demand: Demand): Observable<Leave>;
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
  /**
   * Why the result or the report of `id` could not be filed, as far as a look tells; null where nothing bars them: then
   * the place is kept from all other documents until it is vacated.
   */
  obstacle(id: string, place: ResultPlace): string | null;
  /** The place that was kept for `id` is free. What was filed there is the ledger's to remember. */
  vacate(id: string): void;
  /** The result at a place: its path below the outbox and its mtime (ms); null where there is none. */
  resultOf(place: ResultPlace): { readonly path: string; readonly mtimeMs: number } | null;
  /** Whether a file lies at this path below the outbox. */
  holds(path: string): boolean;
  /** The document version that the failure report of `id` speaks of, or null where there is no report. */
  failedVersion(id: string): { readonly size: number; readonly mtimeMs: number } | null;
  /** Files a result whole, at once and durably, and removes an older failure report. Emits its path below the outbox. */
  fileResult(id: string, place: ResultPlace, text: string): Observable<string>;
  /** Files a receipt beside the result: `<result>.receipt.json`. */
  fileReceipt(place: ResultPlace, receipt: Receipt): Observable<void>;
  /** Files what came with an answer beside the result: `<result>.reasoning.md`, `.annotations.json`, `.image-1.png`. */
  fileKeepsakes(place: ResultPlace, keep: readonly Keepsake[], extras: ReplyExtras): Observable<void>;
  /** Files an error report, with the text of a cut answer where there is one. Emits the report's path. */
  fileFailure(report: FailureReport, partial: string | null): Observable<string>;
  /** Removes the failure report, as if the document had not failed. */
  withdrawFailure(id: string): Observable<void>;
}
