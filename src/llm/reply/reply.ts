import type { ReplyExtras, ReplyImage } from '../../domain/request.ts';
import { asObject } from '../../lib/json.ts';
import type { ReportedError } from '../verdict/reported-error.ts';

/** What a reply's body says, in one shape for JSON and for a stream. Text in it is as the server sent it. */
export interface ParsedReply {
  /** `blank`: nothing or white space. `unreadable`: an HTML page, other text, cut or broken JSON. */
  readonly form: 'json' | 'stream' | 'blank' | 'unreadable';
  /** It ended as its form asks: JSON parsed; a stream said why it finished, and came to `[DONE]`, its usage, or an end that nothing cut. */
  readonly whole: boolean;
  /** It has at least one choice. */
  readonly answered: boolean;
  readonly content: string;
  readonly finishReason: string | null;
  /** Why the model would not answer, in its words; null if it did not refuse. */
  readonly refusal: string | null;
  /** What it thought, if the API says so. */
  readonly reasoning: string | null;
  /** None twice. */
  readonly annotations: readonly unknown[];
  readonly images: readonly ReplyImage[];
  /** The body's error, or that of its first choice. */
  readonly error: ReportedError | null;
  readonly usage: TokenUsage | null;
  readonly generationId: string | null;
  readonly model: string | null;
  readonly provider: string | null;
}

export interface TokenUsage {
  readonly promptTokens: number | null;
  /** Of those, the ones that a provider had in its cache. */
  readonly cachedTokens: number | null;
  readonly completionTokens: number | null;
  /** Of those, the ones that the model thought. */
  readonly reasoningTokens: number | null;
  /** USD; null if the API does not say. */
  readonly costUsd: number | null;
}

/** A body of which nothing can be read. */
export function emptyReply(form: 'blank' | 'unreadable'): ParsedReply {
  return {
    form,
    whole: false,
    answered: false,
    content: '',
    finishReason: null,
    refusal: null,
    reasoning: null,
    annotations: [],
    images: [],
    error: null,
    usage: null,
    generationId: null,
    model: null,
    provider: null,
  };
}

/** What comes with the text of a reply: only what is there. */
export function extrasOf({ reasoning, refusal, annotations, images, usage }: ParsedReply): ReplyExtras {
  const reasoningTokens = usage?.reasoningTokens ?? null;
  return {
    ...(reasoning !== null && { reasoning }),
    ...(reasoningTokens !== null && { reasoningTokens }),
    ...(refusal !== null && { refusal }),
    ...(annotations.length > 0 && { annotations }),
    ...(images.length > 0 && { images }),
  };
}

/**
 * In characters of JSON: some hundred pages of text. What is larger, as with images, is parsed again rather than
 * kept by each of the documents that wait.
 */
const LARGEST = 300_000;

/** What the API parsed out of files, though no answer came of it; null if it is nothing, or too much to keep. */
export function parsedFiles({ error, annotations }: ParsedReply): readonly unknown[] | null {
  const files = [...(error?.fileAnnotations ?? []), ...annotations].filter((told) => asObject(told)['type'] === 'file');
  return files.length === 0 || JSON.stringify(files).length > LARGEST ? null : files;
}
