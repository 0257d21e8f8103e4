import type { ApiError } from './api-error.ts';
import { cutText } from './cut-text.ts';
import type { Usage } from './usage.ts';

/** What a model said, before it becomes a JSON body or a stream. */
export interface Completion {
  /** `gen-…`. */
  readonly id: string;
  /** Unix seconds. */
  readonly created: number;
  readonly model: string;
  readonly content: string | null;
  readonly refusal: string | null;
  readonly finishReason: FinishReason;
  /** Inside the choice; streamed, at the top of the last event where `breaksOff` says so. */
  readonly error: ApiError | null;
  /** Streamed, the error ends the stream: no usage, no `[DONE]`. */
  readonly breaksOff: boolean;
  /** What the reply tells; null where it tells nothing. */
  readonly usage: Usage | null;
}

type FinishReason = 'stop' | 'length' | 'content_filter' | 'error';

type ReplyObject = 'chat.completion' | 'chat.completion.chunk';

export const PROCESSING_COMMENT = ': OPENROUTER PROCESSING\n\n';
export const STREAM_END = 'data: [DONE]\n\n';

const PROVIDER = 'Simulator';
const PIECE_COUNT = 3;

/** The body of a call that is not streamed. */
export function completionJson(completion: Completion): string {
  return JSON.stringify({
    ...replyHead(completion, 'chat.completion'),
    system_fingerprint: null,
    choices: [
      {
        ...choiceEnd(completion),
        message: { role: 'assistant', content: completion.content, refusal: completion.refusal, reasoning: null },
      },
    ],
    ...usagePart(completion),
  });
}

/** The events of a streamed call, each with its closing blank line. */
export function completionEvents(completion: Completion): readonly string[] {
  const pieces = piecesOf(completion.content ?? '');
  return [
    PROCESSING_COMMENT,
    ...pieces.map((content) => contentEvent(completion, { role: 'assistant', content })),
    ...(completion.breaksOff ? [errorEvent(completion, completion.error)] : endEvents(completion)),
  ];
}

/** The event that ends a stream with an error. */
export function errorEvent(completion: Completion, error: ApiError | null): string {
  return event({
    ...replyHead(completion, 'chat.completion.chunk'),
    error,
    choices: [{ index: 0, delta: { content: '' }, finish_reason: 'error', native_finish_reason: 'error' }],
  });
}

/** A reply with no choice in it. */
export function hollowReply(completion: Completion, object: ReplyObject): object {
  return { ...replyHead(completion, object), choices: [] };
}

/** One event of a stream, with its closing blank line. */
export function event(value: object): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}

/** The API repeats the finish reason in the event that tells the usage. */
function endEvents(completion: Completion): readonly string[] {
  const head = replyHead(completion, 'chat.completion.chunk');
  const choice = { ...choiceEnd(completion), delta: { role: 'assistant', content: '', refusal: completion.refusal } };
  const finish = event({ ...head, choices: [choice] });
  if (completion.usage === null) return [finish, STREAM_END];
  const usageChoice = { ...choice, delta: { role: 'assistant', content: '' } };
  return [finish, event({ ...head, choices: [usageChoice], usage: completion.usage }), STREAM_END];
}

function contentEvent(completion: Completion, delta: object): string {
  return event({
    ...replyHead(completion, 'chat.completion.chunk'),
    choices: [{ index: 0, delta, finish_reason: null, native_finish_reason: null, logprobs: null }],
  });
}

function replyHead({ id, created, model }: Completion, object: ReplyObject): object {
  return { id, provider: PROVIDER, model, object, created };
}

function choiceEnd({ finishReason, error }: Completion): object {
  return {
    index: 0,
    finish_reason: finishReason,
    native_finish_reason: finishReason,
    logprobs: null,
    ...(error === null ? {} : { error }),
  };
}

function usagePart({ usage }: Completion): object {
  return usage === null ? {} : { usage };
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
