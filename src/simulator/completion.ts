import type { JsonRecord } from '../lib/json.ts';
import { cutText } from './answer-text.ts';
import type { ErrorObject } from './api-errors.ts';
import type { ReplyUsage } from './usage.ts';

/** What a model said, before it becomes a JSON body or a stream. */
export interface Completion {
  /** `gen-…`. */
  readonly id: string;
  /** Unix seconds. */
  readonly created: number;
  readonly model: string;
  readonly content: string | null;
  readonly refusal: string | null;
  /** What comes beside the content; null if nothing does. */
  readonly extras: MessageExtras | null;
  readonly finishReason: string | null;
  /** Inside the choice; streamed, at the top of the last event if `breaksOff`. */
  readonly error: ErrorObject | null;
  /** Streamed, the error ends the stream: no usage, no `[DONE]`. */
  readonly breaksOff: boolean;
  /** As the reply says; null if it does not. */
  readonly usage: ReplyUsage | JsonRecord | null;
}

/** In the API's own shape. */
export interface MessageExtras {
  readonly reasoning?: string;
  readonly reasoning_content?: string;
  readonly annotations?: readonly object[];
  readonly images?: readonly object[];
}

export const PROCESSING_COMMENT = ': OPENROUTER PROCESSING\n\n';
export const STREAM_END = 'data: [DONE]\n\n';

const PROVIDER = 'Simulator';
const PIECE_COUNT = 3;

/** The body of a call that is not streamed. */
export function completionJson(completion: Completion): string {
  const { content, refusal, usage, extras } = completion;
  const message = { role: 'assistant', content, refusal, reasoning: null, ...extras };
  return JSON.stringify({
    ...replyHead(completion, 'chat.completion'),
    system_fingerprint: null,
    choices: [lastChoice(completion, { message })],
    usage: usage ?? undefined,
  });
}

/** The events of a streamed call, each with its closing blank line. The API repeats the finish reason in the event with the usage. */
export function completionEvents(completion: Completion): readonly string[] {
  const { content, refusal, extras, breaksOff, error, usage } = completion;
  const event = eventWriter(completion);
  const said = [...(extras === null ? [] : [{ content: '', ...extras }]), ...piecesOf(content ?? '')];
  const open = { finish_reason: null, native_finish_reason: null, logprobs: null };
  const part = (delta: object): string =>
    event({ choices: [{ index: 0, delta: { role: 'assistant', ...delta }, ...open }] });
  const events = [PROCESSING_COMMENT, ...said.map(part)];
  if (breaksOff) return [...events, errorEvent(completion, error)];
  const last = { role: 'assistant', content: '' };
  events.push(event({ choices: [lastChoice(completion, { delta: { ...last, refusal } })] }));
  if (usage !== null) events.push(event({ choices: [lastChoice(completion, { delta: last })], usage }));
  return [...events, STREAM_END];
}

/** The event that ends a stream with an error. */
export function errorEvent(completion: Completion, error: ErrorObject | null): string {
  const choice = { index: 0, delta: { content: '' }, finish_reason: 'error', native_finish_reason: 'error' };
  return eventWriter(completion)({ error, choices: [choice] });
}

/** A reply with no choice in it: a body, or one event and the end of the stream. */
export function hollowReply(completion: Completion, stream: boolean): string {
  return stream
    ? eventWriter(completion)({ choices: [] }) + STREAM_END
    : JSON.stringify({ ...replyHead(completion, 'chat.completion'), choices: [] });
}

/** Writes events of one stream. What all of them begin with is half of each, so it is written once. */
function eventWriter(completion: Completion): (rest: object) => string {
  const head = JSON.stringify(replyHead(completion, 'chat.completion.chunk')).slice(0, -1);
  return (rest) => `data: ${head},${JSON.stringify(rest).slice(1)}\n\n`;
}

function replyHead({ id, created, model }: Completion, object: 'chat.completion' | 'chat.completion.chunk'): object {
  return { id, provider: PROVIDER, model, object, created };
}

/** JSON leaves out what is undefined; an object made by spreading would take twice the time. */
function lastChoice({ finishReason, error }: Completion, said: { readonly message?: object; readonly delta?: object }) {
  return {
    index: 0,
    finish_reason: finishReason,
    native_finish_reason: finishReason,
    logprobs: null,
    error: error ?? undefined,
    message: said.message,
    delta: said.delta,
  };
}

/** The text in about three pieces of one length; surrogate pairs stay whole. */
function piecesOf(text: string): readonly { readonly content: string }[] {
  const pieces: { readonly content: string }[] = [];
  // At least two units, so that a surrogate pair fits.
  const size = Math.max(2, Math.ceil(text.length / PIECE_COUNT));
  for (let rest = text; rest !== ''; ) {
    const content = cutText(rest, size);
    pieces.push({ content });
    rest = rest.slice(content.length);
  }
  return pieces;
}
