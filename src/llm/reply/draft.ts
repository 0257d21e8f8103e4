import { hash } from 'node:crypto';
import type { ReplyImage } from '../../domain/request.ts';
import { asAmount, asArray, asObject, asText, isRecord, type JsonRecord } from '../../lib/json.ts';
import { type ApiError, readApiError } from '../verdict/api-error.ts';
import type { ParsedReply, Usage } from './reply.ts';

/** Gathers one reply from its parts: the chunks of a stream, or a JSON body as the only one. */
export class ReplyDraft {
  #answered = false;
  #content = '';
  #finishReason: string | null = null;
  #error: ApiError | null = null;
  #usage: Usage | null = null;
  #generationId: string | null = null;
  #model: string | null = null;
  #provider: string | null = null;
  readonly #extras = new ExtrasDraft();

  /** Takes one part. Unknown fields are passed over. */
  add(part: unknown): void {
    const body = asObject(part);
    this.#error ??= readApiError(body['error']);
    this.#usage = readUsage(body['usage']) ?? this.#usage;
    this.#generationId ??= asText(body['id']);
    this.#model ??= asText(body['model']);
    this.#provider ??= asText(body['provider']);
    const choice = firstChoice(body);
    if (choice !== undefined) this.#addChoice(choice);
  }

  get finished(): boolean {
    return this.#finishReason !== null;
  }

  /** The model came to its own end, with an answer. */
  get stopped(): boolean {
    return this.#finishReason === 'stop' && this.#content.trim() !== '';
  }

  get hasUsage(): boolean {
    return this.#usage !== null;
  }

  reply(form: 'json' | 'stream', whole: boolean): ParsedReply {
    return {
      form,
      whole,
      answered: this.#answered,
      content: this.#content,
      finishReason: this.#finishReason,
      refusal: this.#extras.refusal,
      reasoning: this.#extras.reasoning,
      annotations: this.#extras.annotations,
      images: this.#extras.images,
      error: this.#error,
      usage: this.#usage,
      generationId: this.#generationId,
      model: this.#model,
      provider: this.#provider,
    };
  }

  #addChoice(choice: JsonRecord): void {
    this.#answered = true;
    const message = asObject(choice['message'] ?? choice['delta']);
    this.#content += contentText(message['content']);
    this.#finishReason = asText(choice['finish_reason']) ?? this.#finishReason;
    this.#extras.add(message);
    this.#error ??= readApiError(choice['error']);
  }
}

/** The choice numbered 0. Others are answers that nobody asked for. */
function firstChoice(body: JsonRecord): JsonRecord | undefined {
  return asArray(body['choices'])
    .filter(isRecord)
    .find((choice) => (choice['index'] ?? 0) === 0);
}

function contentText(content: unknown): string {
  if (typeof content === 'string') return content;
  return asArray(content).map(partText).join('');
}

function partText(part: unknown): string {
  const text = typeof part === 'string' ? part : asObject(part)['text'];
  return typeof text === 'string' ? text : '';
}

function readUsage(value: unknown): Usage | null {
  if (!isRecord(value)) return null;
  const usage: Usage = {
    promptTokens: asAmount(value['prompt_tokens']),
    cachedTokens: asAmount(asObject(value['prompt_tokens_details'])['cached_tokens']),
    completionTokens: asAmount(value['completion_tokens']),
    reasoningTokens: asAmount(asObject(value['completion_tokens_details'])['reasoning_tokens']),
    costUsd: asAmount(value['cost']),
  };
  return Object.values(usage).some((amount) => amount !== null) ? usage : null;
}

/** Gathers what comes with the text of a reply, from its message or from the deltas of a stream. */
class ExtrasDraft {
  #refusal = '';
  #reasoning = '';
  #annotations: Map<string, unknown> | null = null;
  #images: ReplyImage[] | null = null;

  add(message: JsonRecord): void {
    const { refusal, annotations, images } = message;
    if (typeof refusal === 'string') this.#refusal += refusal;
    this.#reasoning += reasoningOf(message);
    if (Array.isArray(annotations)) for (const annotation of annotations) this.#annotate(annotation);
    if (Array.isArray(images)) (this.#images ??= []).push(...images.flatMap(readImage));
  }

  get refusal(): string | null {
    return asText(this.#refusal);
  }

  get reasoning(): string | null {
    return asText(this.#reasoning);
  }

  get annotations(): readonly unknown[] {
    return [...(this.#annotations?.values() ?? [])];
  }

  get images(): readonly ReplyImage[] {
    return this.#images ?? [];
  }

  /** Some servers tell them with every chunk anew. */
  #annotate(annotation: unknown): void {
    const key = asText(asObject(asObject(annotation)['file'])['hash']) ?? hash('sha256', JSON.stringify(annotation));
    this.#annotations ??= new Map();
    this.#annotations.set(key, annotation);
  }
}

/** OpenRouter tells the same twice, as text and in detail; vLLM and DeepSeek call the text `reasoning_content`. */
function reasoningOf(message: JsonRecord): string {
  const { reasoning, reasoning_content: content, reasoning_details: details } = message;
  if (typeof reasoning === 'string') return reasoning;
  if (typeof content === 'string') return content;
  return details === undefined ? '' : asArray(details).map(detailText).join('');
}

function detailText(detail: unknown): string {
  const { text, summary } = asObject(detail);
  const told = text ?? summary;
  return typeof told === 'string' ? told : '';
}

const BASE64_URL = /^data:([^;,]+)(?:;[^;,]+)*;base64,/;

/** Images that are only linked to are passed over: nothing is fetched from elsewhere. */
function readImage(image: unknown): readonly ReplyImage[] {
  const url = asObject(asObject(image)['image_url'])['url'];
  if (typeof url !== 'string') return [];
  const [start, mediaType] = BASE64_URL.exec(url) ?? [];
  return start === undefined || mediaType === undefined ? [] : [{ mediaType, base64: url.slice(start.length) }];
}
