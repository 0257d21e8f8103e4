import type { Observable } from 'rxjs';
import type { AttemptOutcome, AttemptRecord } from '../domain/attempt.ts';
import type { DocumentRef, ReadOutcome } from '../domain/document.ts';
import type { KnownAnswer, VersionRecord } from '../domain/ledger.ts';
import type { AttemptStart, Move, PreparedRequest } from '../domain/ports.ts';
import type { Recipe } from '../domain/recipe.ts';
import type { Answer, Reply } from '../domain/request.ts';
import type { Work } from './work-item.ts';

/** What is asked of which bytes; not the bytes themselves, which may be many. */
export interface Question {
  readonly document: DocumentRef;
  /** Of the bytes. */
  readonly sha256: string;
  readonly recipe: Recipe;
  readonly fingerprint: string;
}

/** What happens while a document holds a seat at the gate, in the order of time. */
export type Turn =
  /** Nothing was sent. */
  | { readonly kind: 'unread'; readonly outcome: Exclude<ReadOutcome, { kind: 'read' }> }
  /** It was read, and cannot be sent as it is. */
  | { readonly kind: 'refused'; readonly question: Question; readonly refusal: Refusal }
  /** How it is to be sent cannot be told at the moment. */
  | { readonly kind: 'not now'; readonly reason: string }
  /** These very bytes were settled before: only the file's mtime had changed. */
  | { readonly kind: 'known'; readonly question: Question; readonly version: VersionRecord }
  /** The ledger holds the answer. */
  | {
      readonly kind: 'answered';
      readonly question: Question;
      readonly answer: KnownAnswer;
      /** Those that brought it, where it was made for this very document; else none. */
      readonly attempts: readonly AttemptRecord[];
    }
  /** Earlier attempts leave no further one. */
  | { readonly kind: 'given up'; readonly question: Question; readonly work: Work; readonly why: GivenUp }
  /** The same is being asked under another name; `landing` emits when it is worth another look. */
  | { readonly kind: 'same'; readonly landing: Observable<unknown> }
  /** While it waited, its recipe became another one: the document goes back in line. */
  | { readonly kind: 'recipe changed' }
  /** The run ended before the attempt could be recorded. */
  | { readonly kind: 'unsent' }
  /** The whole budget would not do for its call. */
  | { readonly kind: 'unaffordable'; readonly question: Question; readonly worstUsd: number | null }
  /** What may be spent with its recipe is spent. `refilledAt` (ms since the epoch): when it may be again; null: not in this run. */
  | { readonly kind: 'recipe spent'; readonly question: Question; readonly refilledAt: number | null }
  /** It may not start for now: the document goes back in line. `begun`: the attempt was recorded, but never left. */
  | { readonly kind: 'recalled'; readonly question: Question; readonly work: Work; readonly begun: AttemptStart | null }
  | { readonly kind: 'started'; readonly number: number; readonly repeated: boolean }
  | {
      readonly kind: 'ended';
      readonly question: Question;
      readonly work: Work;
      readonly ruling: Ruling;
      readonly heard: Heard;
    };

/** A request that is ready to leave, and what is made of its reply. */
export interface Call {
  readonly kind: 'call';
  readonly work: Work;
  readonly question: Question;
  readonly request: PreparedRequest;
  /** What its reply is kept under, where further requests follow on it; null where none may. */
  readonly replyKey: string | null;
  readonly judge: Ask['judge'];
}

type Ask = Extract<Move, { kind: 'ask' }>;

/** Why a document cannot be sent, or no further: a stable word and a sentence. */
interface Refusal {
  readonly code: string;
  readonly reason: string;
  /** What there is of an answer, for people; null where there is nothing. */
  readonly partial: string | null;
}

/** An attempt's outcome, and what was made of its reply. */
export interface Heard {
  readonly outcome: AttemptOutcome;
  /** What is filed; null where there is no answer, or not yet. */
  readonly answer: Answer | null;
  /** A reply on which another request follows, and what it is kept under. */
  readonly kept: ({ readonly key: string } & Reply) | null;
}

/** Why a document version is not asked any more. */
export interface GivenUp {
  readonly state: 'failed' | 'held';
  readonly code: string;
  readonly reason: string;
}

export interface Ruling {
  readonly model: string;
  readonly outcome: AttemptOutcome;
  /** Documents that were failed for what turned out to be a mistake of configuration. */
  readonly reopen: readonly DocumentRef[];
}
