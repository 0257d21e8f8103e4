interface FaultTraits {
  /** Keys beside those that every fault takes. */
  readonly keys: readonly string[];
  /** Those that must be given. */
  readonly needs: readonly string[];
  /** Whether the model did its work: the call is billed, whatever happens to the reply on its way. */
  readonly billed: boolean;
  /** Whether the client gets a whole answer if it waits long enough. */
  readonly good: boolean;
}

const free = { keys: [], needs: [], billed: false, good: false };
const lost = { keys: [], needs: [], billed: true, good: false };
const good = { keys: [], needs: [], billed: true, good: true };
const slow = { ...good, keys: ['seconds'], needs: ['seconds'] };
/** `status` is the code in the error. @default 502 */
const failing = { ...free, keys: ['status', 'message', 'metadata'] };

/** Every fault that a plan may name. Not streamed, `comments` is endless whitespace and `cut-sse` is `cut-json`. */
export const FAULT_KINDS = {
  /** An HTTP error instead of a reply. */
  status: {
    ...free,
    keys: ['status', 'retryAfter', 'retryAfterMs', 'headers', 'body', 'metadata', 'message'],
    needs: ['status'],
  },
  /** The connection is reset, and no model gets the request. Its body is read, to know the document. */
  'reset-before': free,
  /** The connection is reset when the answer is made. */
  'reset-after': lost,
  /** No byte ever comes back. */
  hang: free,
  /** The head of the reply comes `seconds` late. */
  'slow-headers': slow,
  /** The answer comes byte by byte, over `seconds`. */
  drip: slow,
  /** Whitespace (streamed: comments) for `seconds`, then the answer. */
  padding: slow,
  /** 200 and a body of whitespace. */
  blank: free,
  /** The body ends, cleanly for HTTP, inside a JSON text. */
  'cut-json': lost,
  /** The stream ends, cleanly for HTTP, between two events. */
  'cut-sse': lost,
  /** Comments without end. */
  comments: free,
  /** Half the answer, then an event with a top-level `error`. Not streamed: `finish-error`. */
  'mid-stream-error': failing,
  /** 200 with an `error` in place of choices. */
  'error-in-200': failing,
  /** No content, `finish_reason` `stop`. */
  empty: lost,
  /** `choices: []`. */
  'no-choices': free,
  /** Half the answer, `finish_reason` `length`, or `word`. */
  length: { ...lost, keys: ['word'] },
  /** No content, `finish_reason` `length`: reasoning took every token. */
  'length-empty': lost,
  /** Half the answer, `finish_reason` `content_filter`, or `word`. */
  'content-filter': { ...lost, keys: ['word'] },
  /** A `refusal` in place of content. */
  refusal: lost,
  /** 200 and a web page. */
  html: free,
  /** Half the answer, `finish_reason` `error` and the error inside the choice. */
  'finish-error': failing,
  /** 200 and half a megabyte of gzip that unpacks to 512 MiB. */
  'gzip-bomb': free,
  /** 307 to another path of the simulator. */
  redirect: free,
  /** PDFs are parsed, and paid for; then the call fails, with what was parsed in the error. */
  'file-error': failing,
  /** The answer in a code fence. */
  'json-fenced': good,
  /** Prose before and after the answer. */
  'json-prose': good,
  /** A comma in place of the answer's last character, so that it cannot be parsed. */
  'json-invalid': good,
  /** JSON that the schema does not allow. */
  'json-wrong': good,
  /** Prose, whatever format was asked for. */
  'json-ignored': good,
  /** An answer without its usage. */
  'no-usage': good,
  /** An answer by another model than asked. */
  'wrong-model': good,
  /** The answer, with `word` for `finish_reason`. */
  'finish-word': { ...good, keys: ['word'], needs: ['word'] },
  /** The answer, and no `finish_reason`: streamed, only the usage and `[DONE]` tell its end. */
  'finish-none': good,
  /** A longer draft between `<think>` and `</think>`, then the answer. */
  'think-tags': good,
  /** The same without `<think>`, which stood in the prompt. */
  'think-end': good,
  /** What the model thought in `reasoning_content`, with a draft of the answer, and the answer. */
  'reasoning-content': good,
  /** The answer in `reasoning_content`, and no content. */
  'answer-in-reasoning': good,
  /** A longer draft, which fits the format too, then the answer. */
  'draft-first': good,
  /** The content as a list of parts: one that was thought, one of text. */
  'content-parts': good,
  /** Each event with the whole message so far beside what is new in it. */
  'message-beside-delta': good,
  /** Each event with the whole message so far, and no delta. */
  'message-alone': good,
  /** Each event with an empty message beside what is new in it. */
  'message-empty': good,
  /** One choice, its index 1. */
  'choice-index': good,
  /** A second choice, with another text. */
  'second-choice': good,
  /** Streamed, the bytes in another way that the format allows, or nearly allows. */
  framing: { ...good, keys: ['framing'], needs: ['framing'] },
  /** The reply compressed, whatever the call accepts. @default gzip */
  compressed: { ...good, keys: ['encoding'] },
  /** These fields in place of the reply's own in its usage. */
  'odd-usage': { ...good, keys: ['usage'], needs: ['usage'] },
  /** The cost told in another place. */
  'told-cost': { ...good, keys: ['place'], needs: ['place'] },
  /** An answer to as much of the prompt as these `tokens` hold: only the usage tells. */
  'prompt-cut': { ...lost, keys: ['tokens'], needs: ['tokens'] },
  /** No choice, and a usage. */
  'usage-alone': lost,
  /** Streamed, half the answer, then an event of the name `error`. Not streamed: `finish-error`. */
  'error-event': failing,
} as const satisfies Readonly<Record<string, FaultTraits>>;

export type FaultKind = keyof typeof FAULT_KINDS;

export function isFaultKind(name: string): name is FaultKind {
  return Object.hasOwn(FAULT_KINDS, name);
}

/** The traits of a call's fault; without one, those of a good call. */
export function faultTraits(kind: FaultKind | undefined): FaultTraits {
  return kind === undefined ? good : FAULT_KINDS[kind];
}
