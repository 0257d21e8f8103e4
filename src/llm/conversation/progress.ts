import { type Handling, MOST_CONTINUATIONS, type OutputRules } from '../../domain/recipe.ts';
import type { Answer, Reply, ReplyExtras } from '../../domain/request.ts';
import { asText } from '../../lib/json.ts';
import { numeral } from '../../lib/text.ts';
import { CannotAskError } from './prompt.ts';

/** The requests that lead to one whole text, as far as they are answered. Holds nothing of the document. */
export interface Continuation {
  /** Of an answer that was cut, all that there is so far. */
  readonly said: string;
  readonly continued: number;
  /** The answer is asked for once more, with room for more tokens. */
  readonly longer: boolean;
  /** A whole answer that does not hold, and what is wrong with it. */
  readonly repair: { readonly text: string; readonly complaint: string; readonly message: string } | null;
  readonly extras: ReplyExtras;
}

const NO_EXTRAS: ReplyExtras = {};
const UNANSWERED: Continuation = { said: '', continued: 0, longer: false, repair: null, extras: NO_EXTRAS };

export interface ReplyRules {
  readonly onLength: Handling['onLength'];
  readonly format: OutputRules['format'];
  readonly read: ReadAnswer;
}

/** Of the request that a reply is for. */
export interface TokenLimit {
  readonly tokens: number;
  /** The model may be allowed more. */
  readonly grows: boolean;
}

type TakenReply =
  | { readonly kind: 'whole'; readonly answer: Answer }
  | { readonly kind: 'further'; readonly code: string; readonly message: string; readonly continuation: Continuation }
  | { readonly kind: 'fail'; readonly code: string; readonly message: string; readonly partial: string | null };

/** What follows on a reply: first whether it is whole, then whether it holds. */
export function takeReply(continuation: Continuation, reply: Reply, rules: ReplyRules, limit: TokenLimit): TakenReply {
  const extras = mergeExtras(continuation.extras, reply.extras);
  const said = joinAtSeam(continuation.said, reply.text, reply.cut);
  return reply.cut
    ? takeCut({ ...continuation, extras }, said, rules, limit)
    : takeWhole({ ...continuation, extras }, said, rules.read(said));
}

function takeCut(continuation: Continuation, said: string, { onLength }: ReplyRules, limit: TokenLimit): TakenReply {
  const { continued, longer } = continuation;
  if (onLength === 'continue' && continued < MOST_CONTINUATIONS && said.trim() !== '' && said !== continuation.said) {
    const message = 'The answer was cut at the limit of tokens: the next request goes on with it';
    const next = { ...continuation, said, continued: continued + 1 };
    return { kind: 'further', code: 'continued', message, continuation: next };
  }
  if (onLength === 'retry' && !longer && limit.grows) {
    const message = 'The answer was cut at the limit of tokens: it is asked for once more, with twice as many';
    return { kind: 'further', code: 'retried-longer', message, continuation: { ...continuation, longer: true } };
  }
  return { kind: 'fail', code: 'length', message: cutMessage(said, continuation, limit), partial: asText(said) };
}

function cutMessage(said: string, { continued }: Continuation, { tokens }: TokenLimit): string {
  const limit = `${numeral(tokens)} tokens`;
  if (said.trim() === '')
    return `The model spent all of its ${limit} on reasoning, and wrote no answer: raise max_tokens or lower reasoning.effort`;
  const cut = `The answer was cut at the limit of ${limit}`;
  return continued > 0
    ? `${cut}, and did not come to its end in ${continued} further requests: raise max_tokens or split the document`
    : `${cut}: raise max_tokens, lower reasoning.effort, split the document, or set sluice.on_length`;
}

function takeWhole(continuation: Continuation, said: string, parsed: ParsedAnswer): TakenReply {
  if (parsed.kind === 'sound') {
    const misplaced = continuation.extras.misplaced === true ? [MISPLACED] : [];
    const notes = [...notesOf(continuation), ...misplaced, ...parsed.notes];
    return { kind: 'whole', answer: { text: parsed.text, extras: continuation.extras, notes } };
  }
  const { code, message, complaint } = parsed;
  const partial = asText(said);
  // Nothing is wrong with its form: there is nothing to repair.
  if (continuation.extras.refusal !== undefined)
    return { kind: 'fail', code: 'refused-by-model', message: 'The model refused to answer', partial };
  if (continuation.repair !== null)
    return { kind: 'fail', code, message: `${message}. The model could not correct it`, partial };
  if (complaint === null || partial === null) return { kind: 'fail', code, message, partial };
  const next = { ...continuation, said: '', continued: 0, repair: { text: said, complaint, message } };
  const further = `${message}. The model is asked to correct it`;
  return { kind: 'further', code: 'repairing', message: further, continuation: next };
}

const MISPLACED = 'The API gave the answer as reasoning of the model.';

function notesOf({ continued, longer, repair }: Continuation): readonly string[] {
  const times = continued === 1 ? 'once' : `${continued} times`;
  return [
    ...(repair === null ? [] : [`The model corrected its first answer in a further request. ${repair.message}.`]),
    ...(longer ? ['The first answer was cut at the limit of tokens: this one was allowed twice as many.'] : []),
    ...(continued === 0 ? [] : [`The answer was cut at the limit of tokens ${times}: its pieces are joined.`]),
  ];
}

/** How far a document is: what its parts were answered, and the continuation of the part that is asked now. */
export interface Progress {
  readonly answers: readonly Answer[];
  readonly continuation: Continuation;
}

const NONE: Progress = { answers: [], continuation: UNANSWERED };

/**
 * Where replies lead from `before` on. That a further request followed on each was decided when it came.
 *
 * @throws CannotAskError if one of them ended it.
 */
export function progressOf(replies: readonly Reply[], rules: ReplyRules, before: Progress = NONE): Progress {
  return replies.reduce<Progress>(({ answers, continuation }, reply) => {
    const step = takeReply(continuation, reply, rules, { tokens: 0, grows: true });
    if (step.kind === 'fail') throw new CannotAskError(step.code, step.message);
    return step.kind === 'whole'
      ? { answers: [...answers, step.answer], continuation: UNANSWERED }
      : { answers, continuation: step.continuation };
  }, before);
}

/** What came with several replies, as if with one. */
export function mergeExtras(one: ReplyExtras, other: ReplyExtras): ReplyExtras {
  if (one === NO_EXTRAS) return other;
  const reasoning = [one.reasoning, other.reasoning].filter((text) => text !== undefined).join('\n\n');
  const tokens = [one.reasoningTokens, other.reasoningTokens].filter((count) => count !== undefined);
  const refusal = other.refusal ?? one.refusal;
  const all = [...(one.annotations ?? []), ...(other.annotations ?? [])];
  // A file that was parsed once comes with every reply.
  const annotations = [...new Map(all.map((annotation) => [JSON.stringify(annotation), annotation])).values()];
  const images = [...(one.images ?? []), ...(other.images ?? [])];
  return {
    ...(reasoning !== '' && { reasoning }),
    ...(tokens.length > 0 && { reasoningTokens: tokens.reduce((sum, count) => sum + count, 0) }),
    ...(refusal !== undefined && { refusal }),
    ...(annotations.length > 0 && { annotations }),
    ...(images.length > 0 && { images }),
    ...(other.misplaced === true && { misplaced: true }),
  };
}

/** Characters. Shorter repetitions happen by chance. */
const LEAST_OVERLAP = 10;
const MOST_OVERLAP = 2000;
/** Characters: a heading that is repeated is no new beginning. */
const LEAST_RESTART = 200;

/**
 * Joins a text that was cut and what goes on with it. What `after` repeats of the end of `before` is taken once, unless
 * `before` holds it more than once: then it may be meant. An `after` that begins from the start stands for both, unless
 * it was cut, too, and is the shorter one.
 */
export function joinAtSeam(before: string, after: string, afterIsCut = false): string {
  if (before === '') return after;
  const onwards = before.includes('```') || /^\s*[[{]/.test(before) ? withoutOpeningFence(after) : after;
  if (restarts(before, after)) return afterIsCut && after.length < before.length ? before : after;
  return before + onwards.slice(overlapOf(before, onwards));
}

/** The text without a fence that opens a code block which is open already. */
function withoutOpeningFence(text: string): string {
  return text.replace(/^\s*(?:`{3,}|~{3,})\w+[ \t]*\r?\n/, '');
}

function restarts(before: string, after: string): boolean {
  const beginning = before.slice(0, LEAST_RESTART);
  return beginning.trim().length >= LEAST_OVERLAP && after.startsWith(beginning);
}

/** Characters at the beginning of `after`, blanks before them included, that `before` ends with. */
function overlapOf(before: string, after: string): number {
  const blanks = after.length - after.trimStart().length;
  const repeatable = after.slice(blanks, blanks + MOST_OVERLAP);
  for (let length = Math.min(repeatable.length, before.length); length >= LEAST_OVERLAP; length -= 1) {
    const repeated = repeatable.slice(0, length);
    if (before.endsWith(repeated)) return before.indexOf(repeated) < before.length - length ? 0 : blanks + length;
  }
  return 0;
}

/**
 * What is made of a whole text that a model wrote. `message` is for people, and holds nothing of the text; `complaint` is
 * for the model, which is asked to repair it; null: it is not.
 */
export type ParsedAnswer =
  | { readonly kind: 'sound'; readonly text: string; readonly notes: readonly string[] }
  | { readonly kind: 'broken'; readonly code: string; readonly message: string; readonly complaint: string | null };

export type ReadAnswer = (text: string) => ParsedAnswer;
