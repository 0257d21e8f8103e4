import { hash } from 'node:crypto';
import type { ReplyImage } from '../../domain/request.ts';
import { asArray, asCount, asObject, asText, isRecord, type JsonRecord } from '../../lib/json.ts';
import { type ReportedError, readReportedError } from '../verdict/reported-error.ts';
import { type StatedUsage, statedCost } from './cost.ts';
import { type Finish, finishOf } from './finish.ts';
import { contentText, reasoningOf, splitThinking } from './thinking.ts';

/** What a reply's body says, in one shape for JSON and for a stream. Text in it is as the server sent it. */
export interface ParsedReply {
  /** `blank`: nothing or white space. `unreadable`: an HTML page, other text, cut or broken JSON. */
  readonly form: 'json' | 'stream' | 'blank' | 'unreadable';
  /** It ended as its form asks: JSON parsed; a stream by `isWholeStream`. */
  readonly whole: boolean;
  /** It has at least one choice. */
  readonly answered: boolean;
  /** Without what the model thought. */
  readonly content: string;
  readonly finishReason: Finish | null;
  /** The same in the word of the API. */
  readonly finishWord: string | null;
  /** Why the model would not answer, in its words; null if it did not refuse. */
  readonly refusal: string | null;
  /** What it thought, if the API or the text says so. */
  readonly reasoning: string | null;
  /** The content came as reasoning. */
  readonly misplaced?: true;
  /** None twice. */
  readonly annotations: readonly unknown[];
  readonly images: readonly ReplyImage[];
  /** The body's error, or that of its first choice. */
  readonly error: ReportedError | null;
  /** A body that holds no answer: the JSON, or the short text, that it is; undefined: none of these. */
  readonly said?: unknown;
  readonly usage: TokenUsage | null;
  readonly generationId: string | null;
  readonly model: string | null;
  readonly provider: string | null;
}

export interface TokenUsage extends StatedUsage {
  /** Of those of the completion, the ones that the model thought. */
  readonly reasoningTokens: number | null;
  /** Prompt tokens with those that were cached, which some APIs count beside them: no prompt that was read has more. */
  readonly promptTokensWithCached: number | null;
}

/** Gathers one reply from its parts: the chunks of a stream, or a JSON body as the only one. */
export class ReplyDraft {
  #answered = false;
  /** Number of the choice that counts. */
  #choice: unknown = null;
  readonly #content: string[] = [];
  #hasContent = false;
  /** All that was said so far, by the latest of the choices that say so. */
  #message: JsonRecord | null = null;
  #finishWord: string | null = null;
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
    const choice = this.#choiceOf(choices);
    if (choice !== null) this.#addChoice(choice);
  }

  /** Takes the data of an event that is an error by its name. */
  addError(part: unknown): void {
    this.add(part);
    this.#error ??= readReportedError(part);
  }

  /**
   * Whether a stream whose parts these are is whole: it said why it finished, and came to `[DONE]` or its usage; or it gives
   * no reason ever, and came to both after an answer. Some servers send neither: then, after an answer that stopped, a body
   * that nothing cut will do. After the reason a model says no more.
   */
  isWholeStream(done: boolean, byItself: boolean): boolean {
    const finish = finishOf(this.#finishWord);
    const counted = this.#usage !== null;
    if (finish !== null && (done || counted)) return true;
    const hasContent = this.#hasContent || asText(contentText(this.#message?.['content'])) !== null;
    return hasContent && (finish === null ? done && counted : finish === 'stop' && byItself);
  }

  /** To be called once, after the last part. */
  reply(form: ParsedReply['form'], whole: boolean): ParsedReply {
    if (this.#message !== null && !this.#hasContent) this.#sayAtOnce(this.#message);
    const text = this.#content.join('');
    const split = splitThinking(text);
    const reasoning = [this.#reasoning?.join(''), split?.thinking].filter((thought) => asText(thought) !== null);
    return {
      form,
      whole,
      answered: this.#answered,
      content: split?.answer ?? text,
      finishReason: finishOf(this.#finishWord),
      finishWord: this.#finishWord,
      refusal: asText(this.#refusal),
      reasoning: asText(reasoning.join('\n\n')),
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
    const word = asText(finishReason);
    // An answer that was cut stays so, whatever is said behind it.
    if (word !== null && finishOf(this.#finishWord) !== 'length') this.#finishWord = word;
    if (isRecord(delta)) this.#say(delta);
    if (isRecord(message)) this.#message = this.#message === null ? message : continued(this.#message, message);
  }

  #say(said: JsonRecord): void {
    const { content, refusal, annotations, images } = said;
    const text = contentText(content);
    if (text !== '') {
      this.#content.push(text);
      this.#hasContent ||= text.trim() !== '';
    }
    if (typeof refusal === 'string') this.#refusal += refusal;
    const reasoning = reasoningOf(said);
    if (reasoning !== '') (this.#reasoning ??= []).push(reasoning);
    if (Array.isArray(annotations)) for (const annotation of annotations) this.#annotate(annotation);
    if (Array.isArray(images)) (this.#images ??= []).push(...images.flatMap(readImage));
  }

  /** A message stands for all of its answer, and in place of what little the deltas beside it said. */
  #sayAtOnce(message: JsonRecord): void {
    const [reasoning, refusal] = [this.#reasoning, this.#refusal];
    this.#reasoning = null;
    this.#refusal = '';
    this.#say(message);
    this.#reasoning ??= reasoning;
    this.#refusal ||= refusal;
  }

  /** The choice that counts: of several answers, the first that was seen. Others were not asked for. */
  #choiceOf(choices: unknown): JsonRecord | null {
    for (const choice of asArray(choices)) {
      if (!isRecord(choice)) continue;
      const { index } = choice;
      this.#choice ??= index;
      // One without a number is the only one.
      if (index === this.#choice || typeof index !== 'number') return choice;
    }
    return null;
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

/** Of two messages the later one holds the earlier one; if it does not, they are pieces. */
function continued(earlier: JsonRecord, later: JsonRecord): JsonRecord {
  const [said, more] = [contentText(earlier['content']), contentText(later['content'])];
  if (more === '') return earlier;
  return more.startsWith(said) ? later : { ...later, content: said + more };
}

function readUsage(value: unknown): TokenUsage | null {
  if (!isRecord(value)) return null;
  const promptTokens = asCount(value['prompt_tokens']);
  const details = asObject(value['prompt_tokens_details']);
  // DeepSeek has a field of its own.
  const cachedTokens = asCount(details['cached_tokens']) ?? asCount(value['prompt_cache_hit_tokens']);
  const beside = [cachedTokens, value['cache_read_input_tokens'], value['cache_creation_input_tokens']];
  const tokens = {
    promptTokens,
    cachedTokens,
    completionTokens: asCount(value['completion_tokens']),
    reasoningTokens: asCount(asObject(value['completion_tokens_details'])['reasoning_tokens']),
    promptTokensWithCached:
      promptTokens && beside.reduce<number>((sum, count) => sum + (asCount(count) ?? 0), promptTokens),
  };
  const tells = statedCost(value) !== null || Object.values(tokens).some((amount) => amount !== null);
  return tells ? { ...tokens, stated: value } : null;
}

const BASE64_URL = /^data:([^;,]+)(?:;[^;,]+)*;base64,/;

/** Images that are only linked to are passed over: nothing is fetched from elsewhere. */
function readImage(image: unknown): readonly ReplyImage[] {
  const url = asObject(asObject(image)['image_url'])['url'];
  if (typeof url !== 'string') return [];
  const [start, mediaType] = BASE64_URL.exec(url) ?? [];
  return start === undefined || mediaType === undefined ? [] : [{ mediaType, base64: url.slice(start.length) }];
}
