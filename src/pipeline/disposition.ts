import type { DocumentRef, Provenance } from '../domain/document.ts';
import type { DocumentEvent } from '../domain/events.ts';
import type { KnownAnswer, RecipeIdentity } from '../domain/ledger.ts';
import type { NextRequest, PreparedRequest } from '../domain/ports.ts';
import type { Recipe } from '../domain/recipe.ts';
import { errorMessage } from '../lib/errors.ts';
import type { CheckedOutcome } from './model-check.ts';
import type { GivenUp } from './retry-policy.ts';
import type { WorkItem } from './work-item.ts';
import type { Wait } from './work-queue.ts';

/** What is asked of which bytes; not the bytes themselves, which may be many. */
export interface Question {
  readonly document: DocumentRef;
  /** Of the bytes. */
  readonly sha256: string;
  readonly recipe: Recipe;
  readonly fingerprint: string;
}

/** A request that is ready to leave, and what is made of its reply. */
export interface Request {
  readonly kind: 'request';
  readonly work: WorkItem;
  readonly question: Question;
  readonly provenance: Provenance;
  readonly prepared: PreparedRequest;
  /** It is one of a trial, and holds what is no text: that is not cut. */
  readonly sentWhole: boolean;
  /** The ledger keeps its reply under this key for the requests that follow; null if none may follow. */
  readonly replyKey: string | null;
  readonly judge: Extract<NextRequest, { kind: 'ask' }>['judge'];
}

/** Why a document fails, or is held. */
export interface Failure {
  readonly code: string;
  readonly reason: string;
  readonly document: DocumentRef;
  readonly sha256: string | null;
  /** Null if it failed before anything was asked. */
  readonly recipe: RecipeIdentity | null;
  /** What there is of an answer, for people; null if there is nothing. */
  readonly partial: string | null;
}

/** A bug in sluice, as people read it. */
export function mistakeInWords(error: unknown): string {
  return `a mistake of the program: ${errorMessage(error)}`;
}

/** What becomes of a document after a step. */
export type Disposition =
  /** It is answered. `reused`: without a call for it. `isRecorded`: the answer is in the ledger. */
  | {
      readonly kind: 'file';
      readonly work: WorkItem;
      readonly question: Question;
      readonly answer: KnownAnswer;
      /** Those of its notes that were told once for all documents. @default none */
      readonly told?: readonly string[];
      readonly reused: boolean;
      readonly isRecorded: boolean;
    }
  /** It is not tried again by itself. `suspect`: its failure is taken back if the model turns out to refuse every document. */
  | { readonly kind: 'fail'; readonly work: WorkItem; readonly failure: Failure; readonly suspect?: CheckedOutcome }
  /** It is kept back for a person to decide. */
  | { readonly kind: 'hold'; readonly work: WorkItem; readonly failure: Failure }
  /**
   * Nothing is to be asked. `question`: its bytes are as they were, and the ledger notes the new state of its file. `result`: the path of
   * its own result in the outbox, which the ledger could not note before.
   */
  | { readonly kind: 'skip'; readonly event: DocumentEvent; readonly question?: Question; readonly result?: string }
  /** It is tried again by this run, after a wait. */
  | {
      readonly kind: 'requeue';
      readonly work: WorkItem;
      readonly after: Wait;
      readonly stays?: () => boolean;
      readonly event?: DocumentEvent;
    }
  /** It stays in the inbox unanswered. */
  | Parked;

export interface Parked {
  readonly kind: 'park';
  readonly work: WorkItem;
  readonly reason: string;
  /** Not to be asked before (ms since the epoch); null if no time is set. */
  readonly dueAt?: number | null;
  /** What may be spent with its recipe is spent. */
  readonly cause?: 'budget' | 'recipe';
  /** The ledger notes it as pending until `until` (ms since the epoch; null: no time is set). */
  readonly remember?: { readonly question: Question; readonly until: number | null };
  /** It comes back to this run after so many ms; absent: the next scan or run brings it. */
  readonly back?: { readonly after: number; readonly stays?: () => boolean };
}

/** It is not asked again by itself: it fails, or is held for a person. */
export function gaveUp(work: WorkItem, question: Question, why: GivenUp, partial: string | null = null): Disposition {
  const { state, code, reason } = why;
  const failure = { ...question, code, reason, partial };
  return { kind: state === 'held' ? 'hold' : 'fail', work, failure };
}
