import type { JsonRecord } from '../../lib/json.ts';
import { counted, numberInWords, usd, visible } from '../../report/words.ts';

/** What `sluice render` says to people beside the request. `simulated`: the simulator would be asked. */
export function renderText(rendering: Rendering, simulated: boolean): string {
  const { document, recipe, model, api, refusal } = rendering;
  const asked = [
    `Document: ${visible(document)}.`,
    `Recipe: ${recipe === '' ? 'none, the document itself is the prompt' : visible(recipe)}.`,
    `Asked: ${visible(model)} at ${visible(api)}.`,
  ];
  const lines =
    refusal === null
      ? [...asked, ...requestLines(rendering, simulated)]
      : [...asked, `It cannot be sent, and would fail: ${visible(refusal.reason)} (${refusal.code})`];
  return lines.join('\n');
}

function requestLines(rendering: RenderedRequest, simulated: boolean): readonly string[] {
  const { notes, requests } = rendering;
  return [
    ...notes.map((note) => `Its receipt would say: ${visible(note)}`),
    ...(requests > 1 ? [`Requests: ${numberInWords(requests)}; this is the first.`] : []),
    promptLine(rendering),
    answerLine(rendering),
    contextLine(rendering),
    costLine(rendering, simulated),
  ];
}

function promptLine({ promptTokens: { text, media, tokenizer, tokenizerFits }, bytes }: RenderedRequest): string {
  const own = tokenizerFits ? '' : ', not the tokenizer of this model';
  const more = media === 0 ? '' : `, and for what is no text about ${numberInWords(media)}`;
  return `Prompt: about ${counted(text, 'token')} of text (by ${tokenizer}${own})${more}; the request has ${counted(bytes, 'byte')}.`;
}

function answerLine({ answerTokens: { most } }: RenderedRequest): string {
  return `Answer: ${counted(most, 'token')} at most.`;
}

function contextLine({ contextTokens, fits }: RenderedRequest): string {
  if (contextTokens === null) return 'Context: unknown, as the API does not tell that of the model.';
  const fit = fits === true ? 'prompt and answer fit' : 'an answer of that length does not fit beside the prompt';
  return `Context: ${counted(contextTokens, 'token')}; ${fit}.`;
}

function costLine({ costUsd, requests, answerTokens }: RenderedRequest, simulated: boolean): string {
  if (costUsd === null)
    return 'Cost: unknown, as nobody tells a price: give --price-prompt and --price-completion to have it worked out.';
  const nothing = simulated ? 'nothing; a model of this price would cost ' : '';
  const each = requests > 1 ? ' for this request' : '';
  const guess = `with an answer of ${counted(answerTokens.likely, 'token')}`;
  return `Cost: ${nothing}${usd(costUsd.likely)} ${guess}, ${usd(costUsd.most)} at most${each}.`;
}

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
