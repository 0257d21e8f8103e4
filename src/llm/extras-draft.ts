import { hash } from 'node:crypto';
import type { ReplyImage } from '../domain/reply.ts';
import type { JsonRecord } from '../lib/json.ts';
import { asArray, asObject, asText } from './json.ts';

/** Gathers what comes with the text of a reply, from its message or from the deltas of a stream. */
export class ExtrasDraft {
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
