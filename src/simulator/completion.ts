import { cutText } from './answer-text.ts';
import type { ErrorObject } from './api-error.ts';
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
  readonly finishReason: 'stop' | 'length' | 'content_filter' | 'error';
  /** Inside the choice; streamed, at the top of the last event if `breaksOff`. */
  readonly error: ErrorObject | null;
  /** Streamed, the error ends the stream: no usage, no `[DONE]`. */
  readonly breaksOff: boolean;
  /** As the reply says; null if it does not. */
  readonly usage: ReplyUsage | null;
}

/** In the API's own shape. */
export interface MessageExtras {
  readonly reasoning?: string;
  readonly annotations?: readonly object[];
  readonly images?: readonly object[];
}

export const PROCESSING_COMMENT = ': OPENROUTER PROCESSING\n\n';
const STREAM_END = 'data: [DONE]\n\n';

const PROVIDER = 'Simulator';
const PIECE_COUNT = 3;

/** The body of a call that is not streamed. */
export function completionJson(completion: Completion): string {
  const { content, refusal, usage, extras } = completion;
  const plain = { role: 'assistant', content, refusal, reasoning: null };
  return (
    replyBeginning(completion, 'chat.completion') +
    replyRest({
      system_fingerprint: null,
      choices: [lastChoice(completion, { message: { ...plain, ...extras } })],
      usage: usage ?? undefined,
    })
  );
}

/** The events of a streamed call, each with its closing blank line. */
export function completionEvents(completion: Completion): readonly string[] {
  const begin = eventBeginning(completion);
  const pieces = piecesOf(completion.content ?? '');
  return [
    PROCESSING_COMMENT,
    ...(completion.extras === null
      ? []
      : [begin + eventRest({ choices: [openChoice({ content: '', ...completion.extras })] })]),
    ...pieces.map((content) => begin + eventRest({ choices: [openChoice({ content })] })),
    ...(completion.breaksOff ? [errorEvent(completion, completion.error)] : endEvents(completion, begin)),
  ];
}

/** The event that ends a stream with an error. */
export function errorEvent(completion: Completion, error: ErrorObject | null): string {
  const choice = { index: 0, delta: { content: '' }, finish_reason: 'error', native_finish_reason: 'error' };
  return eventBeginning(completion) + eventRest({ error, choices: [choice] });
}

/** A reply with no choice in it: a body, or one event and the end of the stream. */
export function hollowReply(completion: Completion, stream: boolean): string {
  const rest = { choices: [] };
  return stream
    ? eventBeginning(completion) + eventRest(rest) + STREAM_END
    : replyBeginning(completion, 'chat.completion') + replyRest(rest);
}

/** The API repeats the finish reason in the event with the usage. */
function endEvents(completion: Completion, begin: string): readonly string[] {
  const { usage, refusal } = completion;
  const finish = lastChoice(completion, { delta: { role: 'assistant', content: '', refusal } });
  if (usage === null) return [begin + eventRest({ choices: [finish] }), STREAM_END];
  const bill = lastChoice(completion, { delta: { role: 'assistant', content: '' } });
  return [begin + eventRest({ choices: [finish] }), begin + eventRest({ choices: [bill], usage }), STREAM_END];
}

/** What all events of a stream begin with: it is half of each, and is written once. */
function eventBeginning(completion: Completion): string {
  return `data: ${replyBeginning(completion, 'chat.completion.chunk')}`;
}

function eventRest(rest: object): string {
  return `${replyRest(rest)}\n\n`;
}

/** The first half of a JSON text; `replyRest` makes the second. */
function replyBeginning(
  { id, created, model }: Completion,
  object: 'chat.completion' | 'chat.completion.chunk',
): string {
  return `${JSON.stringify({ id, provider: PROVIDER, model, object, created }).slice(0, -1)},`;
}

function replyRest(rest: object): string {
  return JSON.stringify(rest).slice(1);
}

function openChoice(said: { readonly content: string } & MessageExtras): object {
  const delta = { role: 'assistant', ...said };
  return { index: 0, delta, finish_reason: null, native_finish_reason: null, logprobs: null };
}

/** Written out, since JSON leaves out what is undefined and objects that are spread cost twice the time. */
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

function piecesOf(text: string): readonly string[] {
  const pieces: string[] = [];
  // Two units at least, so that a surrogate pair fits.
  const size = Math.max(2, Math.ceil(text.length / PIECE_COUNT));
  for (let rest = text; rest !== ''; ) {
    const piece = cutText(rest, size);
    pieces.push(piece);
    rest = rest.slice(piece.length);
  }
  return pieces;
}
