import type { JsonRecord } from '../lib/json.ts';
import type { DocumentRef } from './document.ts';
import type { RecipeIdentity } from './ledger.ts';
import type { Part, Prompt, ResultPlace } from './request.ts';

/** What is asked of a document, and what is made of the answer. */
export interface Recipe extends RecipeIdentity {
  /** Why nothing may be asked with it for now, a sentence that names it; null if nothing bars it. */
  readonly barred: string | null;
  readonly handling: Handling;
  /** Tokens, estimated, of what comes before the document in every prompt. */
  readonly fixedTokens: number;
  /** What its prompts say of a document beside its bytes, such as its name; empty if nothing. Part of the fingerprint. */
  circumstances(document: DocumentRef): string;
  /** Where the document's result belongs, by its id alone. */
  place(document: Pick<DocumentRef, 'id'>): ResultPlace;
  /** The first prompt of a document. Its parts are data: nothing in them is interpreted. Rejects with RenderError. */
  render(document: DocumentRef, parts: readonly Part[]): Promise<Prompt>;
}

export interface Recipes {
  /**
   * The recipe of a document, before that is read. Never throws: a recipe that cannot be used is `barred`. `current`: as it is
   * at this moment; else as it was a moment ago, which costs less.
   */
  choose(document: Pick<DocumentRef, 'id'>, look?: 'current'): Recipe;
}

/** The engines that convert a PDF to what a model takes; `text` is our own. */
export type PdfEngine = 'native' | 'cloudflare-ai' | 'mistral-ocr' | 'text';

/** What is kept beside a result if a recipe asks for it. */
export type Attachment = 'reasoning' | 'annotations' | 'images';

/** What a recipe says beside the prompt. */
export interface Handling {
  /** Null: `native` if the model takes files, else `cloudflare-ai`. */
  readonly pdf: PdfEngine | null;
  /** What becomes of a document that is too long for the model. */
  readonly onTooLong: 'fail' | 'truncate' | 'split';
  readonly split: SplitRules;
  /** What becomes of a document of which the model cannot be given all: that is noted, or it fails before the call. */
  readonly leftOut: 'note' | 'fail';
  /** What becomes of an answer that ran into the limit of tokens. */
  readonly onLength: 'fail' | 'retry' | 'continue';
  readonly output: OutputRules;
  /** What is filed beside the result. */
  readonly keep: readonly Attachment[];
  /** What becomes of the input after success; null: what the run says. */
  readonly after: 'keep' | 'archive' | 'delete' | null;
  /** Calls in flight with this recipe, at most; null: what the run allows. */
  readonly concurrency: number | null;
  /** What is spent with this recipe, at most, USD: by a `--once` run, or by the daemon per UTC day; null: what the run allows. */
  readonly maxCostUsd: number | null;
}

export interface SplitRules {
  /** Tokens of the document in each part, at most; null: as many as the model takes. */
  readonly tokens: number | null;
  /** Tokens that a part repeats of the one before. */
  readonly overlap: number;
  /** The prompt that makes one answer of those to the parts; null: they are joined. */
  readonly combine: string | null;
}

export interface OutputRules {
  readonly format: 'text' | 'json';
  /** A JSON Schema; null: any JSON. */
  readonly schema: JsonRecord | null;
  /** Only the fenced code block of a text answer is its result. */
  readonly extract: 'fenced' | null;
}

/** Whether a document may take more than one request: in parts, to go on with an answer, to repair one. */
export function takesSeveralRequests({ onTooLong, onLength, output }: Handling): boolean {
  return onTooLong === 'split' || onLength !== 'fail' || output.format === 'json' || output.extract !== null;
}

/** Further requests that go on with one cut answer, at most. */
export const MOST_CONTINUATIONS = 8;

/** A cut answer that is asked for once more may be so many times as long. */
export const LONGER = 2;

/** Tokens of the answers that one question may bring, each by a call of its own: one that was cut is paid for, too. */
export function longestAnswers(
  { onLength }: Pick<Handling, 'onLength'>,
  maxTokens: number,
): readonly [number, ...number[]] {
  if (onLength === 'retry') return [maxTokens, LONGER * maxTokens];
  return [maxTokens, ...(onLength === 'continue' ? Array.from({ length: MOST_CONTINUATIONS }, () => maxTokens) : [])];
}

/** A recipe that says nothing but its prompt. */
export const PLAIN_HANDLING: Handling = {
  pdf: null,
  onTooLong: 'fail',
  split: { tokens: null, overlap: 0, combine: null },
  leftOut: 'note',
  onLength: 'fail',
  output: { format: 'text', schema: null, extract: null },
  keep: [],
  after: null,
  concurrency: null,
  maxCostUsd: null,
};
