import { hash } from 'node:crypto';
import type { ReplyImage } from '../../domain/request.ts';
import { asArray, asObject, asText, isRecord, type JsonRecord } from '../../lib/json.ts';
import { type ReportedError, readReportedError } from '../verdict/reported-error.ts';
import { readUsage, type TokenUsage } from './cost.ts';
import { type Finish, finishOf } from './finish.ts';
import { contentText, reasoningOf, saidOnce, splitThinking } from './text.ts';

/** What a reply's body says, in one shape for JSON and for a stream. Text in it is as the server sent it. */
export interface ParsedReply {
  /**
   * `blank`: nothing or white space. `page`: HTML. `lines`: JSON objects, one a line. `unreadable`: other text, cut or broken
   * JSON.
   */
  readonly form: 'json' | 'stream' | 'blank' | 'page' | 'lines' | 'unreadable';
  /** It ended as its form asks: JSON parsed; a stream by `isWholeStream`. */
  readonly whole: boolean;
  /** A stream that came to `[DONE]`, and is not whole all the same: it says neither why it finished nor its usage. */
  readonly endUntold?: true;
  /** It has at least one choice. */
  readonly answered: boolean;
  /** Without what the model thought. */
  readonly content: string;
  readonly finishReason: Finish | null;
  /** The word of the API, if it is not known. */
  readonly finishWord: string | null;
  /** Why the model would not answer, in its words; null if it did not refuse. */
  readonly refusal: string | null;
  /** What it thought, if the API or the text says so. */
  readonly reasoning: string | null;
  /** The content came as reasoning. */
  readonly misplaced?: true;
  /** It is all thinking, as a `<think>` in it is never closed. */
  readonly unclosed?: true;
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

/** Gathers one reply from its parts: the chunks of a stream, or a JSON body as the only one. */
export class ReplyDraft {
  #answered = false;
  /** Number of the choice that counts. */
  #choice: unknown = null;
  /** All choices from the first one by another number on; null: there is none. */
  #mixed: JsonRecord[] | null = null;
  /** There are pieces of which it is not known to which answer they belong. */
  #torn = false;
  readonly #content: string[] = [];
  #hasContent = false;
  /** All that was said so far, by the latest of the choices that say so. */
  #message: JsonRecord | null = null;
  #finishWord: string | null = null;
  #error: ReportedError | null = null;
  /** An error that came when the answer had its end already. */
  #lateError: ReportedError | null = null;
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
    const isLate = error != null && this.#takeError(error);
    if (usage !== undefined) this.#usage = readUsage(usage) ?? this.#usage;
    this.#generationId ??= asText(id);
    this.#model ??= asText(model);
    this.#provider ??= asText(provider);
    const choice = this.#choiceOf(choices);
    if (choice !== null && !isLate) this.#addChoice(choice);
  }

  /** Takes the data of an event that is an error by its name. */
  addError(part: unknown): void {
    this.add(part);
    if (this.#error === null && this.#lateError === null) this.#takeError(part);
  }

  /**
   * Whether a stream whose parts these are is whole: it said why it finished, and came to `[DONE]` or its usage; or it gives
   * no reason ever, and came to both after an answer. Some servers send neither: then, after an answer that stopped, a body
   * that nothing cut will do. After the reason a model says no more.
   */
  isWholeStream(done: boolean, byItself: boolean): boolean {
    this.#addMixed();
    if (this.#torn) return false;
    const finish = finishOf(this.#finishWord);
    const counted = this.#usage !== null;
    if (finish !== null && (done || counted)) return true;
    const hasContent = this.#hasContent || asText(contentText(this.#message?.['content'])) !== null;
    return hasContent && (finish === null ? done && counted : finish === 'stop' && byItself);
  }

  /** To be called once, after the last part. */
  reply(form: ParsedReply['form'], whole: boolean): ParsedReply {
    this.#addMixed();
    if (this.#message !== null && !this.#hasContent) this.#sayAtOnce(this.#message);
    const text = saidOnce(this.#content);
    const split = splitThinking(text);
    const thoughts = this.#reasoning === null ? null : saidOnce(this.#reasoning);
    const reasoning = [thoughts, split?.thinking].filter((thought) => asText(thought) !== null);
    return {
      form,
      whole,
      answered: this.#answered,
      content: split?.answer ?? text,
      finishReason: finishOf(this.#finishWord),
      finishWord: finishOf(this.#finishWord) === 'unknown' ? this.#finishWord : null,
      refusal: asText(this.#refusal),
      reasoning: asText(reasoning.join('\n\n')),
      ...(split?.unclosed === true && { unclosed: true }),
      annotations: this.#annotations === null ? [] : [...this.#annotations.values()],
      images: this.#images ?? [],
      // An answer that is whole lost nothing by what came after it.
      error: this.#error ?? (whole ? null : this.#lateError),
      usage: this.#usage,
      generationId: this.#generationId,
      model: this.#model,
      provider: this.#provider,
    };
  }

  /** True if the answer had said before why it ended: nothing that comes with the error belongs to it. */
  #takeError(error: unknown): boolean {
    const read = readReportedError(error);
    const hasSaid = this.#hasContent || this.#message !== null || finishOf(this.#finishWord) !== 'stop';
    const isLate = read !== null && hasSaid && this.#hasEnded('error');
    if (isLate) this.#lateError ??= read;
    else this.#error ??= read;
    return isLate;
  }

  /** Whether an end was told before this one, and stays: an answer that was cut stays so, and no failure undoes a whole one. */
  #hasEnded(next: Finish | null): boolean {
    const finish = finishOf(this.#finishWord);
    if (next !== 'error' && next !== 'aborted') return finish === 'length';
    return finish !== null && finish !== 'error' && finish !== 'aborted';
  }

  #addChoice(choice: JsonRecord): void {
    this.#answered = true;
    const { message, delta, finish_reason: finishReason, error } = choice;
    if (error != null && this.#takeError(error)) return;
    const word = asText(finishReason);
    if (word !== null && !this.#hasEnded(finishOf(word))) this.#finishWord = word;
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
      this.#choice ??= choice['index'];
      if (this.#mixed === null && isOf(choice, this.#choice)) return choice;
      (this.#mixed ??= []).push(choice);
    }
    return null;
  }

  /** Several answers each tell their end. Some servers number the pieces of one, ever higher, and the last alone tells it. */
  #addMixed(): void {
    const mixed = this.#mixed;
    if (mixed === null) return;
    this.#mixed = null;
    const numbers = mixed.map(({ index }) => Number(index ?? this.#choice));
    const ended = numbers.filter((_, at) => finishOf(asText(mixed[at]?.['finish_reason'])) !== null);
    const isOne =
      this.#finishWord === null &&
      ended.length === 1 &&
      ended[0] === numbers.at(-1) &&
      numbers.every((number, at) => number >= (numbers[at - 1] ?? Number(this.#choice)));
    this.#torn = !isOne && numbers.some((number) => number !== this.#choice && !ended.includes(number));
    for (const choice of mixed) if (isOne || isOf(choice, this.#choice)) this.#addChoice(choice);
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

/** One without a number is the only one. */
function isOf({ index }: JsonRecord, number: unknown): boolean {
  return index === number || typeof index !== 'number';
}

/** Of two messages the later one holds the earlier one; if it does not, they are pieces. */
function continued(earlier: JsonRecord, later: JsonRecord): JsonRecord {
  const [said, more] = [contentText(earlier['content']), contentText(later['content'])];
  if (more === '') return earlier;
  return more.startsWith(said) ? later : { ...later, content: said + more };
}

const BASE64_URL = /^data:([^;,]+)(?:;[^;,]+)*;base64,/;

/** Images that are only linked to are passed over: nothing is fetched from elsewhere. */
function readImage(image: unknown): readonly ReplyImage[] {
  const url = asObject(asObject(image)['image_url'])['url'];
  if (typeof url !== 'string') return [];
  const [start, mediaType] = BASE64_URL.exec(url) ?? [];
  return start === undefined || mediaType === undefined ? [] : [{ mediaType, base64: url.slice(start.length) }];
}
