import type { Meaning } from '../meaning.ts';
import type { ParsedReply } from '../reply/reply.ts';
import { type Trouble, troubleMeaning } from '../trouble.ts';

/**
 * What a reply under a success status that holds no error object means; null where it is a good answer.
 *
 * JSON that tells no finish reason is one: some providers leave it null, and that the body parsed shows its end. A
 * stream has no other sign of it, so that one without is not whole.
 */
export function replyMeaning(reply: ParsedReply, trouble: Trouble | null): Meaning | null {
  const finished = finishMeaning(reply);
  if (finished !== undefined) return finished;
  if (!reply.whole) return trouble === null ? fragmentMeaning(reply.form) : troubleMeaning(trouble);
  if (!reply.answered) return NO_CHOICES;
  if (reply.content.trim() === '' && reply.images.length === 0) return EMPTY;
  return reply.finishReason === null || GOOD_FINISHES.has(reply.finishReason) ? null : UNKNOWN_FINISH;
}

const GOOD_FINISHES = new Set(['stop', 'tool_calls']);

/** Ends that hold whatever becomes of the rest of the body. */
function finishMeaning({ finishReason, refusal, content, usage }: ParsedReply): Meaning | undefined {
  if (refusal !== null) return REFUSED;
  if (finishReason === 'length') return content.trim() === '' ? allThought(usage?.reasoningTokens ?? null) : LENGTH;
  return FINISHES.get(finishReason ?? '');
}

function allThought(tokens: number | null): Meaning {
  const told = tokens === null ? '' : ` (${tokens} tokens of it)`;
  const words = `Reasoning used up the token limit${told} before the answer began: raise --max-tokens or lower --reasoning`;
  return { code: 'length', words, remedy: 'fail' };
}

function fragmentMeaning(form: ParsedReply['form']): Meaning {
  if (form === 'blank') return BLANK;
  return form === 'unreadable' ? UNREADABLE : CUT;
}

const REFUSED: Meaning = { code: 'refused-by-model', words: 'The model refused to answer', remedy: 'fail' };

const LENGTH: Meaning = {
  code: 'length',
  words: 'The answer was cut at the token limit: raise --max-tokens, lower --reasoning, or split the document',
  remedy: 'fail',
};

const FINISHES: ReadonlyMap<string, Meaning> = new Map([
  ['content_filter', { code: 'content-filter', words: 'A content filter stopped the answer', remedy: 'fail' }],
  ['error', { code: 'error-finish', words: 'The provider of the model broke off with an error', remedy: 'retry' }],
]);

const BLANK: Meaning = { code: 'blank-reply', words: 'The reply was blank: the provider vanished', remedy: 'retry' };
const UNREADABLE: Meaning = {
  code: 'unreadable-reply',
  words: 'The reply was cut or is not what an API sends',
  remedy: 'retry',
};
const CUT: Meaning = { code: 'cut-reply', words: 'The answer ended without its end', remedy: 'retry' };
const NO_CHOICES: Meaning = { code: 'no-choices', words: 'The reply holds no answer', remedy: 'retry' };
const EMPTY: Meaning = { code: 'empty-answer', words: 'The model gave an empty answer', remedy: 'retry' };
const UNKNOWN_FINISH: Meaning = {
  code: 'unknown-finish',
  words: 'The answer ended for a reason that is not known, so it may be incomplete',
  remedy: 'fail',
};
