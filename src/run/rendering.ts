import type { JsonRecord } from '../lib/json.ts';

/** What would be sent for a document, or why nothing can be. */
export type Rendering = RenderedRequest | RefusedRequest;

interface Asked {
  /** Its id. */
  readonly document: string;
  /** Empty where the document itself is the prompt. */
  readonly recipe: string;
  readonly model: string;
  /** The API base URL, or `simulator`. */
  readonly api: string;
}

export interface RenderedRequest extends Asked {
  readonly refusal: null;
  /** The first request's, counted, or estimated where it is no text. */
  readonly promptTokens: {
    readonly text: number;
    /** Of images, sound and files. */
    readonly media: number;
    /** No prompt of this request has more. */
    readonly most: number;
    readonly tokenizer: string;
    /** It is the model's own. */
    readonly tokenizerFits: boolean;
  };
  /** Of its answer: a guess, and the most that is asked for. */
  readonly answerTokens: { readonly likely: number; readonly most: number };
  /** Of the model, for prompt and answer together; null where it is not told. */
  readonly contextTokens: number | null;
  /** Whether prompt and longest answer fit into it; null where nobody knows. */
  readonly fits: boolean | null;
  /** Of the first request; null where no price is known. */
  readonly costUsd: { readonly likely: number; readonly most: number } | null;
  /** As far as all goes well: repairs and continuations come on top. */
  readonly requests: number;
  /** What becomes of the document, a sentence each. */
  readonly notes: readonly string[];
  readonly bytes: number;
  readonly bodySha256: string;
  readonly body: JsonRecord;
}

interface RefusedRequest extends Asked {
  /** As a run would report it. */
  readonly refusal: { readonly code: string; readonly reason: string };
}
