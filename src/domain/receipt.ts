import { total } from '../lib/collections.ts';
import { type AttemptRecord, type CostFrom, withoutNoise } from './attempt.ts';
import type { DocumentRef, Provenance } from './document.ts';
import type {
  BegunAttempt,
  DocumentRecord,
  DocumentVersion,
  KnownAnswer,
  Ledger,
  RecipeIdentity,
  VersionRecord,
} from './ledger.ts';

/** How a result came about. */
export interface Receipt extends Provenance {
  /** The document's id. */
  readonly document: string;
  /** Hex SHA-256 of the document's bytes. */
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
  /** Path below the outbox. */
  readonly result: string;
  /** Of document version, recipe with parameters and model, and API: equal ones have equal answers. */
  readonly fingerprint: string;
  /** The recipe's name; empty if the document itself was the prompt. */
  readonly recipe: string;
  readonly recipeHash: string;
  readonly api: string;
  readonly requestedModel: string;
  readonly servedModel: string | null;
  readonly provider: string | null;
  readonly generationId: string | null;
  /** Of the attempt that was answered last, as are the other tokens. */
  readonly promptTokens: number | null;
  /** Of those, the ones that a provider had in its cache. */
  readonly cachedTokens: number | null;
  readonly completionTokens: number | null;
  /** Of all attempts together, USD; 0 if the answer was reused, null if nothing is known. */
  readonly costUsd: number | null;
  /** Attempts that cost, or may have cost, an amount that is not known. */
  readonly costUnknownAttempts: number;
  /**
   * Who says that cost; of several attempts, one whose cost was not told counts. `unknown` if nothing is known; null if
   * the answer was reused, or an older version recorded it.
   */
  readonly costFrom: CostFrom | 'unknown' | null;
  /** HTTP calls made for this document version; 0 if the answer was reused. */
  readonly attempts: number;
  /** Of the attempt that was answered. */
  readonly seconds: number;
  /** ISO 8601, UTC: when the answer came. */
  readonly answeredAt: string;
  /** The document for which the answer was made, if it was reused; else null. */
  readonly reusedFrom: string | null;
  /** What was cut, joined or repaired of the answer, a sentence each. */
  readonly notes: readonly string[];
  readonly reasoning: string | null;
  readonly reasoningTokens: number | null;
  readonly refusal: string | null;
  /** As the API gave them: citations, what was parsed out of files. */
  readonly annotations: readonly unknown[];
}

interface ReceiptFacts extends Pick<Receipt, 'sha256' | 'result' | 'fingerprint'> {
  readonly document: Pick<DocumentRef, 'id' | 'size'>;
  readonly recipe: RecipeIdentity;
  readonly answer: KnownAnswer;
  /** Those that were made for this result, the answered one last; none if the answer was reused. */
  readonly attempts: readonly AttemptRecord[];
}

export function receiptOf({ document, sha256, result, fingerprint, recipe, answer, attempts }: ReceiptFacts): Receipt {
  const { attempt, extras } = answer;
  return {
    document: document.id,
    sha256,
    size: document.size,
    result,
    fingerprint,
    recipe: recipe.name,
    recipeHash: recipe.hash,
    api: recipe.api,
    requestedModel: recipe.model,
    servedModel: attempt.model,
    provider: attempt.provider,
    generationId: attempt.generationId,
    promptTokens: attempt.promptTokens,
    cachedTokens: attempt.cachedTokens,
    completionTokens: attempt.completionTokens,
    ...costOf(attempts),
    costFrom: costFromOf(attempts),
    attempts: attempts.length,
    seconds: attempt.seconds,
    answeredAt: new Date(Date.parse(attempt.startedAt) + attempt.seconds * 1000).toISOString(),
    reusedFrom: attempts.length === 0 ? answer.document : null,
    leftOut: answer.leftOut,
    readers: answer.readers,
    notes: answer.notes,
    reasoning: extras.reasoning ?? null,
    reasoningTokens: extras.reasoningTokens ?? null,
    refusal: extras.refusal ?? null,
    annotations: extras.annotations ?? [],
  };
}

/** What attempts cost together, as far as it is known (null if nothing is), and for how many it is not. */
export function costOf(attempts: readonly AttemptRecord[]): Pick<Receipt, 'costUsd' | 'costUnknownAttempts'> {
  const billed = attempts.filter(({ billing }) => billing !== 'none');
  const known = billed.flatMap(({ costUsd }) => (costUsd === null ? [] : [costUsd]));
  const costUsd = known.length === 0 && billed.length > 0 ? null : withoutNoise(total(known, (cost) => cost));
  return { costUsd, costUnknownAttempts: billed.length - known.length };
}

function costFromOf(attempts: readonly AttemptRecord[]): Receipt['costFrom'] {
  const billed = attempts.filter(({ billing }) => billing !== 'none');
  const known = billed.filter(({ costUsd }) => costUsd !== null).map(({ costFrom }) => costFrom);
  if (known.length === 0) return billed.length === 0 ? null : 'unknown';
  return known.find((from) => from !== 'told') ?? (known.includes(null) ? null : 'told');
}

/** What was spent through one API on one model in one day. */
export interface Spending {
  /** UTC, `2026-03-31`. */
  readonly day: string;
  readonly api: string;
  /** The model that was asked. */
  readonly model: string;
  readonly attempts: number;
  /** Attempts that may have been billed, and brought no whole reply. */
  readonly inDoubt: number;
  /** USD; the sum of what is known. */
  readonly costUsd: number;
  /** Attempts that cost, or may have cost, an amount that is not known. */
  readonly costUnknownAttempts: number;
}

/** An attempt as the ledger holds it; `record` is null while it is in flight, or if its process died. */
export interface LedgerAttempt extends Pick<BegunAttempt, 'number' | 'startedAt' | 'bodySha256'> {
  /** The model that was asked. */
  readonly model: string;
  readonly generationId: string | null;
  readonly record: AttemptRecord | null;
  /** False if it no longer counts towards `--retries`. */
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
  /** Path below the outbox; null if it has none. */
  readonly result: string | null;
  /** Null if it has no result, or one that was found, not made. */
  readonly receipt: Receipt | null;
  /** The text that the result was made of; null where there is no receipt. */
  readonly answer: string | null;
}

/** The current version of a document, and why it failed or is held: our word, and a sentence. */
export interface ListedDocument extends DocumentRecord, Pick<VersionRecord, 'code' | 'reason'> {
  readonly id: string;
}

/** Reads the ledger beside the process that works with it. Everything throws `DiskError`. */
export interface LedgerReader {
  /** The current version of every document. */
  documents(): Iterable<ListedDocument>;
  /** Attempts that were begun and have not ended. */
  inFlight(): number;
  /** Newest day first. */
  spending(): readonly Spending[];
  /** Newest version first; empty if the document is not known. */
  history(id: string): readonly VersionHistory[];
  ownerOf: Ledger['ownerOf'];
  /** The documents that were answered, or failed, by a call that ended at or after a time (ISO 8601, UTC). */
  askedSince(iso: string): ReadonlySet<string>;
  /** The results in the outbox with their answers, in order of their documents' ids; read one at a time. */
  results(): Iterable<{ readonly receipt: Receipt; readonly answer: string }>;
  close(): void;
}

/** Which documents are taken back into work. */
export interface ReopenRequest {
  /** True for the ids that are meant. */
  readonly matches: (id: string) => boolean;
  /** Our word for the failure; null for any. */
  readonly code: string | null;
}
