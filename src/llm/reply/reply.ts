import { hash } from 'node:crypto';
import type { AttemptRecord } from '../../domain/attempt.ts';
import type { ReplyImage } from '../../domain/request.ts';
import { asAmount, asArray, asObject, asText, isRecord, type JsonRecord } from '../../lib/json.ts';
import { type ReportedError, readReportedError } from '../verdict/reported-error.ts';

/** What a reply's body says, in one shape for JSON and for a stream. Text in it is as the server sent it. */
export interface ParsedReply {
  /** `blank`: nothing or white space. `unreadable`: an HTML page, other text, cut or broken JSON. */
  readonly form: 'json' | 'stream' | 'blank' | 'unreadable';
  /** It ended as its form asks: JSON parsed; a stream by `isWholeStream`. */
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

export interface TokenUsage
  extends Pick<AttemptRecord, 'promptTokens' | 'cachedTokens' | 'completionTokens' | 'costUsd'> {
  /** Of those of the completion, the ones that the model thought. */
  readonly reasoningTokens: number | null;
}

/** Gathers one reply from its parts: the chunks of a stream, or a JSON body as the only one. */
export class ReplyDraft {
  #answered = false;
  readonly #content: string[] = [];
  #hasContent = false;
  #finishReason: string | null = null;
  #error: ReportedError | null = null;
  #usage: TokenUsage | null = null;
  #generationId: string | null = null;
  #model: string | null = null;
  #provider: string | null = null;
  #refusal = '';
  #reasoning: string[] | null = null;
  #annotations: Map<string, unknown> | null = null;
  #images: ReplyImage[] | null = null;

  /** Takes one part. Unknown fields are passed over. Called for each event of a stream: it allocates next to nothing. */
  add(part: unknown): void {
    if (!isRecord(part)) return;
    const { error, usage, id, model, provider, choices } = part;
    this.#error ??= readReportedError(error);
    if (usage !== undefined) this.#usage = readUsage(usage) ?? this.#usage;
    this.#generationId ??= asText(id);
    this.#model ??= asText(model);
    this.#provider ??= asText(provider);
    const choice = firstChoice(choices);
    if (choice !== null) this.#addChoice(choice);
  }

  /**
   * Whether a stream whose parts these are is whole: it said why it finished, and came to `[DONE]` or its usage. Some servers
   * send neither: then, after an answer that stopped, a body that nothing cut will do. After the reason a model says no more.
   */
  isWholeStream(done: boolean, byItself: boolean): boolean {
    const stopped = this.#finishReason === 'stop' && this.#hasContent;
    return this.#finishReason !== null && (done || this.#usage !== null || (byItself && stopped));
  }

  reply(form: ParsedReply['form'], whole: boolean): ParsedReply {
    return {
      form,
      whole,
      answered: this.#answered,
      content: this.#content.join(''),
      finishReason: this.#finishReason,
      refusal: asText(this.#refusal),
      reasoning: asText(this.#reasoning?.join('')),
      annotations: this.#annotations === null ? [] : [...this.#annotations.values()],
      images: this.#images ?? [],
      error: this.#error,
      usage: this.#usage,
      generationId: this.#generationId,
      model: this.#model,
      provider: this.#provider,
    };
  }

  #addChoice(choice: JsonRecord): void {
    this.#answered = true;
    const { message, delta, finish_reason: finishReason, error } = choice;
    this.#error ??= readReportedError(error);
    this.#finishReason = asText(finishReason) ?? this.#finishReason;
    const said = message ?? delta;
    if (!isRecord(said)) return;
    const text = contentText(said['content']);
    if (text !== '') {
      this.#content.push(text);
      this.#hasContent ||= text.trim() !== '';
    }
    this.#addExtras(said);
  }

  /** What comes with the text: most replies have none of it. */
  #addExtras(message: JsonRecord): void {
    const { refusal, annotations, images } = message;
    if (typeof refusal === 'string') this.#refusal += refusal;
    const reasoning = reasoningOf(message);
    if (reasoning !== '') (this.#reasoning ??= []).push(reasoning);
    if (Array.isArray(annotations)) for (const annotation of annotations) this.#annotate(annotation);
    if (Array.isArray(images)) (this.#images ??= []).push(...images.flatMap(readImage));
  }

  /** Some servers send them again with every chunk. What is nested too deep to be written down is left out. */
  #annotate(annotation: unknown): void {
    try {
      const text = JSON.stringify(annotation);
      const key = asText(asObject(asObject(annotation)['file'])['hash']) ?? hash('sha256', text);
      (this.#annotations ??= new Map()).set(key, annotation);
    } catch {
      // `JSON.stringify` overflows the stack; `JSON.parse` does not.
    }
  }
}

/** The choice numbered 0. Others are answers that were not asked for. */
function firstChoice(choices: unknown): JsonRecord | null {
  for (const choice of asArray(choices)) if (isRecord(choice) && (choice['index'] ?? 0) === 0) return choice;
  return null;
}

function contentText(content: unknown): string {
  if (typeof content === 'string') return content;
  return Array.isArray(content) ? content.map(partText).join('') : '';
}

function partText(part: unknown): string {
  const text = isRecord(part) ? part['text'] : part;
  return typeof text === 'string' ? text : '';
}

function readUsage(value: unknown): TokenUsage | null {
  if (!isRecord(value)) return null;
  const usage: TokenUsage = {
    promptTokens: asAmount(value['prompt_tokens']),
    cachedTokens: asAmount(asObject(value['prompt_tokens_details'])['cached_tokens']),
    completionTokens: asAmount(value['completion_tokens']),
    reasoningTokens: asAmount(asObject(value['completion_tokens_details'])['reasoning_tokens']),
    costUsd: asAmount(value['cost']),
  };
  return Object.values(usage).some((amount) => amount !== null) ? usage : null;
}

/** OpenRouter says the same twice, as text and in detail; vLLM and DeepSeek call the text `reasoning_content`. */
function reasoningOf(message: JsonRecord): string {
  const { reasoning, reasoning_content: content, reasoning_details: details } = message;
  if (typeof reasoning === 'string') return reasoning;
  if (typeof content === 'string') return content;
  return details === undefined ? '' : asArray(details).map(detailText).join('');
}

function detailText(detail: unknown): string {
  const { text, summary } = asObject(detail);
  const words = text ?? summary;
  return typeof words === 'string' ? words : '';
}

const BASE64_URL = /^data:([^;,]+)(?:;[^;,]+)*;base64,/;

/** Images that are only linked to are passed over: nothing is fetched from elsewhere. */
function readImage(image: unknown): readonly ReplyImage[] {
  const url = asObject(asObject(image)['image_url'])['url'];
  if (typeof url !== 'string') return [];
  const [start, mediaType] = BASE64_URL.exec(url) ?? [];
  return start === undefined || mediaType === undefined ? [] : [{ mediaType, base64: url.slice(start.length) }];
}
