import type { Observable } from 'rxjs';
import type { AttemptOutcome, AttemptRecord, CostFrom, ReplyHead } from './attempt.ts';
import type { DocumentContent, DocumentRef, LeftOut, Provenance, ReadOutcome } from './document.ts';
import type { GateEvent, InboxEvent, Pause, Stop } from './events.ts';
import type { Receipt } from './receipt.ts';
import type { Attachment, PdfEngine, Recipe } from './recipe.ts';
import type { Answer, Part, Prompt, Reply, ReplyExtras, ResultPlace } from './request.ts';

/** Where documents come from. */
export interface Inbox {
  /**
   * Every file that stands still, each time a scan or a hint looks at it. Completes when nothing more can come; after a stop,
   * as soon as a first scan has shown all that is there.
   */
  readonly events: Observable<InboxEvent>;
  /** Reads one document whole and in one state. Never rejects. */
  read(document: DocumentRef): Promise<ReadOutcome>;
  /**
   * Takes the input of an answered document out of the inbox. Resolves to null if it is no longer the file that was read: then
   * it stays. Rejects with `PathError` or `DiskError`.
   */
  release(document: DocumentRef, sha256: string, after: 'archive' | 'delete'): Promise<Released | null>;
}

export interface Released {
  /** Its path below the archive; null if it was deleted. */
  readonly to: string | null;
}

/** Converts a document's bytes to what a model takes. */
export interface Converter {
  /** The bytes decide the type of a file; `pdf: 'text'` makes text of PDFs. Rejects only with `StoppedError`, if the run ends. */
  convert(content: DocumentContent, pdf: PdfEngine | null): Promise<Converted>;
  /**
   * The formats of which readers of another revision made the text of a document, by the readers that were recorded of it; if
   * none were, by the ending of its name. `pdf` is what its recipe says. For most it is empty.
   */
  outdated(readers: Provenance['readers'], document: Pick<DocumentRef, 'id'>, pdf: PdfEngine | null): readonly string[];
}

export type Converted =
  | {
      readonly kind: 'converted';
      readonly parts: readonly Part[];
      readonly leftOut: LeftOut;
      /** The readers that made text of it, with their revisions: `docx/2`. None of what is sent as it is. */
      readonly readers: readonly string[];
    }
  /** It can never be sent as it is. `code` is a stable word, `reason` a sentence. */
  | { readonly kind: 'refused'; readonly code: string; readonly reason: string };

/** A document that is being asked. */
export interface Inquiry {
  readonly document: DocumentRef;
  /** Of its bytes, and what is asked of them. */
  readonly fingerprint: string;
  readonly parts: readonly Part[];
  readonly recipe: Recipe;
}

/**
 * The requests of one document, and what is made of their replies: several for a document in parts, to go on with an answer
 * that was cut, or to repair one. The same inquiry and replies always lead to the same next request.
 */
export interface Conversation {
  /** What follows on the replies to the requests so far. Never rejects. */
  next(inquiry: Inquiry, replies: readonly Reply[]): Promise<NextRequest>;
}

export type NextRequest =
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
      /** A stable word. */
      readonly code: string;
      /** A sentence. */
      readonly reason: string;
      /** What the replies so far come to, for people; null if there is nothing. */
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
      /** What there is of an answer, for people; null if there is nothing. */
      readonly partial: string | null;
    };

export interface Llm {
  /** Writes the body of a request. Nothing is sent. */
  prepare(prompt: Prompt): PreparedRequest;
}

export interface PreparedRequest {
  /** Hex SHA-256 of the body's bytes. */
  readonly bodySha256: string;
  /** Those that may answer: the one that is asked, and its fallbacks. */
  readonly models: readonly string[];
  /** Of the body. */
  readonly bytes: number;
  /** The prompt has no more tokens, as far as it is known what images, sound and files come to. */
  readonly promptTokensAtMost: number;
  /** Estimated. */
  readonly likelyPromptTokens: number;
  /** The most that it can cost beside its tokens, USD: pages that are read for money. */
  readonly feesUsdAtMost: number;
  /** How many times their list price its tokens can cost, at most: 1 or more, Infinity if not known. */
  readonly surcharge: number;
  /** The longest answer that it asks for, in tokens. */
  readonly maxTokens: number;
  /** What of it was left out, as the API refused it before; a sentence each. It was told once, for all documents. */
  readonly notes: readonly string[];
  /** Makes one HTTP call, at once. To be called once: the body is released as soon as it was sent. */
  attempt(start: AttemptStart, listener: AttemptListener): Attempt;
}

export interface AttemptStart {
  /** 1 for the first attempt of a document version. */
  readonly number: number;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** True if the API is not to answer from its cache of replies. */
  readonly skipCache: boolean;
}

/** What is reported of a call before it ends. */
export interface AttemptListener {
  /** The request was written whole, and takes no memory any more. Once at most; an early reply may come before it. */
  sent(): void;
  /** The head of the reply, before its body is read. Once at most. */
  head(head: ReplyHead): void;
}

/** A call in flight. */
export interface Attempt {
  /** Rejects only for a mistake of the program. */
  readonly outcome: Promise<AttemptOutcome>;
  /** Ends the call: its outcome, which may still come, says nothing then. Harmless after its end. */
  abort(): void;
}

/** How a document asks the gate for a slot: limits may concern an API, a model or a recipe. */
export interface Ticket {
  readonly api: string;
  readonly model: string;
  readonly recipe: string;
  /** A repeated attempt goes before documents that were not asked yet, within half of the slots. */
  readonly repeated: boolean;
  /** Calls in flight with this recipe, at most; null: as many as the run allows. */
  readonly recipeCalls: number | null;
  /** What is spent with this recipe, at most, USD: by a `--once` run, or by the daemon per UTC day; null: no limit of its own. */
  readonly recipeCostUsd: number | null;
  /** Its prompts begin alike, and long enough that a provider's cache makes all but the first of them cheaper. */
  readonly sharesBeginning: boolean;
}

/** What tokens of one model cost: the most, where that depends on the call. */
export interface Price {
  /** USD per token. */
  readonly prompt: number;
  /** USD per token that the provider had in its cache; absent if not known. */
  readonly cachedPrompt?: number;
  /** USD per token. */
  readonly completion: number;
  /** USD per call. */
  readonly request: number;
  /** By the length of the prompt, shortest first; absent where the figures above hold for every call. */
  readonly tiers?: readonly PriceTier[];
  /** Who tells it; absent: the API's list of models. */
  readonly from?: Exclude<CostFrom, 'told'>;
}

/** USD per token of a call whose prompt is longer than so many tokens. */
export interface PriceTier extends Required<Pick<Price, 'prompt' | 'cachedPrompt' | 'completion'>> {
  readonly above: number;
  /** Of the prompt, what goes into the provider's cache. */
  readonly writtenPrompt: number;
  /** Of the prompt, what is sound. */
  readonly soundPrompt: number;
}

export interface Prices {
  /** Null if not known. */
  of(model: string): Price | null;
}

/** What the gate reserves for a call. */
export interface Demand {
  /** Estimated. */
  readonly promptTokens: number;
  /** The longest answer that it asks for, in tokens. */
  readonly maxTokens: number;
  /** The most that it can cost, USD; null if no price is known. */
  readonly worstUsd: number | null;
}

/** What comes of asking for tokens and money. */
export type Grant =
  /** Rates and budget allow the call to start. */
  | { readonly kind: 'reserved' }
  /** It may cost more than the whole budget. */
  | { readonly kind: 'unaffordable' }
  /** What may be spent with its recipe is spent; more may be from `refilledAt` on (ms since the epoch; null: not in this run). */
  | { readonly kind: 'recipe spent'; readonly refilledAt: number | null }
  /** It may not start for now: the document queues again. */
  | { readonly kind: 'requeue' };

export const RESERVED: Grant = { kind: 'reserved' };

/** What the gate learns from a call. */
export type CallResult = Pick<AttemptOutcome, 'record' | 'verdict'>;

/**
 * A document holds it while its request is prepared, its call is in flight, and its answer is filed. Acquired once, released
 * once.
 */
export interface Slot {
  /** Reserves tokens and money. What the call did not use is returned when the slot is released. */
  reserve(demand: Demand): Promise<Grant>;
  /**
   * Makes `call` as soon as one more may be in flight. The gate learns the outcome before the call counts as ended, so that no
   * other one starts without that knowledge. `requeue`: it was not made, and the document queues again.
   */
  call<T extends { readonly outcome: CallResult }>(call: () => Promise<T>): Promise<T | 'requeue'>;
  /**
   * No call of this slot follows: others may be prepared. No more answers may be in filing than calls in flight, so that a
   * slow disk slows the calls, and no heap of paid answers waits. Harmless when repeated.
   */
  settling(): void;
  /** To be called once, whatever happened. */
  release(): void;
}

/** Decides when the next attempt may start. */
export interface Gate {
  readonly events: Observable<GateEvent>;
  /** Emits when no further call will start, also to late subscribers. */
  readonly closing: Observable<Stop>;
  /** Emits when calls in flight are to be cut off, also to late subscribers. */
  readonly cutting: Observable<void>;
  /**
   * Resolves when a slot is free. There are a few more slots than calls may be in flight, so that one is ready when another
   * ends. `closed`: nothing starts any more, or not for longer than the run waits.
   */
  slot(ticket: Ticket): Promise<Slot | 'closed'>;
  pause(pause: Pause, reason: string): void;
  /** After a pause of the account or a model, one call goes first, to see whether the cause is gone. */
  resume(pause: Pause): void;
}

/** A failed document, as `failed/<id>.error.json` describes it. */
export interface FailureReport {
  readonly document: DocumentRef & { readonly sha256: string | null };
  readonly code: string;
  readonly reason: string;
  readonly attempts: readonly AttemptRecord[];
}

/** A result that lies in the outbox. */
export interface FoundResult {
  /** Below the outbox. */
  readonly path: string;
  readonly mtimeMs: number;
}

export interface PathReservation {
  /** Why the result or the report could not be filed, a sentence; null if nothing is in the way. */
  readonly conflict: string | null;
  /** What lies at the result's path; null if nothing does. */
  readonly found: FoundResult | null;
}

/**
 * Where results and error reports go. Methods throw, or reject with, `DiskError` if nothing can be filed, or looked up, for any
 * document, and `PathError` if that concerns one path alone.
 */
export interface Outbox {
  /**
   * Looks whether a result could be filed, before it is paid for. If there is no conflict, its path is reserved until it is
   * released.
   */
  reservePath(id: string, place: ResultPlace): PathReservation;
  /** Frees the path that was reserved for `id`. The ledger remembers what was filed there. */
  releasePath(id: string): void;
  /** The result at a place; null if there is none. */
  resultOf(place: ResultPlace): FoundResult | null;
  /** Whether a file lies at this path below the outbox. */
  holds(path: string): boolean;
  /** The document version in the failure report of `id`; null if there is no report. */
  failedVersion(id: string): { readonly size: number; readonly mtimeMs: number } | null;
  /** Files a result whole, at once and durably, and removes an older failure report. Resolves to its path below the outbox. */
  fileResult(id: string, place: ResultPlace, text: string): Promise<string>;
  /** Files a receipt beside the result: `<result>.receipt.json`. */
  fileReceipt(place: ResultPlace, receipt: Receipt): Promise<void>;
  /** Files what came with an answer beside the result: `<result>.reasoning.md`, `.annotations.json`, `.image-1.png`. */
  fileAttachments(place: ResultPlace, keep: readonly Attachment[], extras: ReplyExtras): Promise<void>;
  /** Files an error report, and the text of a cut answer if there is one. Resolves to the report's path; null where none is kept. */
  fileFailure(report: FailureReport, partial: string | null): Promise<string | null>;
  /** Removes the failure report, as if the document had not failed. */
  withdrawFailure(id: string): Promise<void>;
}
