import type { Reply, ReplyExtras } from '../../domain/request.ts';
import { numeral } from '../../lib/text.ts';
import { Unaskable } from './errors.ts';

const MOST_CONTINUATIONS = 8;

/** Nothing is wrong with its form: there is nothing to mend. */
const REFUSED = { kind: 'fail', code: 'refused-by-model', message: 'The model refused to answer' } as const;

/** The requests that lead to one whole text, as far as they are answered. Holds nothing of the document. */
export interface Chain {
  /** Of an answer that was cut, all that there is so far. */
  readonly said: string;
  readonly continued: number;
  /** The answer is asked for once more, with room for more tokens. */
  readonly longer: boolean;
  /** A whole answer that does not hold, and what is wrong with it. */
  readonly mending: { readonly text: string; readonly complaint: string; readonly message: string } | null;
  readonly extras: ReplyExtras;
}

const UNANSWERED: Chain = { said: '', continued: 0, longer: false, mending: null, extras: {} };

export interface ChainRules {
  readonly onLength: 'fail' | 'retry' | 'continue';
  readonly read: ReadText;
}

/** Of the request that a reply is for. */
export interface TokenLimit {
  readonly tokens: number;
  /** The model may be allowed more. */
  readonly grows: boolean;
}

/** A whole text, read. */
export interface Piece {
  readonly text: string;
  readonly extras: ReplyExtras;
  readonly notes: readonly string[];
}

type Step =
  | { readonly kind: 'whole'; readonly piece: Piece }
  | { readonly kind: 'further'; readonly code: string; readonly message: string; readonly chain: Chain }
  | { readonly kind: 'fail'; readonly code: string; readonly message: string; readonly partial: string | null };

/** What follows on a reply: first whether it is whole, then whether it holds. */
export function takeReply(chain: Chain, reply: Reply, rules: ChainRules, limit: TokenLimit): Step {
  const extras = mergeExtras(chain.extras, reply.extras);
  const said = joinAtSeam(chain.said, reply.text, reply.cut);
  return reply.cut
    ? takeCut({ ...chain, extras }, said, rules, limit)
    : takeWhole({ ...chain, extras }, said, rules.read(said));
}

function takeCut(chain: Chain, said: string, { onLength }: ChainRules, limit: TokenLimit): Step {
  const { continued, longer } = chain;
  if (onLength === 'continue' && continued < MOST_CONTINUATIONS && said.trim() !== '' && said !== chain.said) {
    const message = 'The answer was cut at the limit of tokens: the next request goes on with it';
    return { kind: 'further', code: 'continued', message, chain: { ...chain, said, continued: continued + 1 } };
  }
  if (onLength === 'retry' && !longer && limit.grows) {
    const message = 'The answer was cut at the limit of tokens: it is asked for once more, with twice as many';
    return { kind: 'further', code: 'retried-longer', message, chain: { ...chain, longer: true } };
  }
  return { kind: 'fail', code: 'length', message: cutMessage(said, chain, limit), partial: textOrNull(said) };
}

function cutMessage(said: string, { continued }: Chain, { tokens }: TokenLimit): string {
  const limit = `${numeral(tokens)} tokens`;
  if (said.trim() === '')
    return `The model spent all of its ${limit} on reasoning, and wrote no answer: raise max_tokens or lower reasoning.effort`;
  const cut = `The answer was cut at the limit of ${limit}`;
  return continued > 0
    ? `${cut}, and did not come to its end in ${continued} further requests: raise max_tokens or split the document`
    : `${cut}: raise max_tokens, lower reasoning.effort, split the document, or set sluice.on_length`;
}

function takeWhole(chain: Chain, said: string, reading: Reading): Step {
  if (reading.kind === 'broken') return takeBroken(chain, said, reading);
  const notes = [...notesOf(chain), ...reading.notes];
  return { kind: 'whole', piece: { text: reading.text, extras: chain.extras, notes } };
}

type Broken = Extract<Reading, { kind: 'broken' }>;

function takeBroken(chain: Chain, said: string, { code, message, complaint }: Broken): Step {
  const partial = textOrNull(said);
  if (chain.extras.refusal !== undefined) return { ...REFUSED, partial };
  if (chain.mending !== null)
    return { kind: 'fail', code, message: `${message}. The model could not mend it`, partial };
  if (complaint === null || partial === null) return { kind: 'fail', code, message, partial };
  const mending = { text: said, complaint, message };
  return {
    kind: 'further',
    code: 'repairing',
    message: `${message}. The model is asked to mend it`,
    chain: { ...chain, said: '', continued: 0, mending },
  };
}

function notesOf({ continued, longer, mending }: Chain): readonly string[] {
  return [
    ...(mending === null ? [] : [`The model mended its first answer in a further request. ${mending.message}.`]),
    ...(longer ? ['The first answer was cut at the limit of tokens: this one was allowed twice as many.'] : []),
    ...(continued === 0
      ? []
      : [
          `The answer was cut at the limit of tokens ${continued === 1 ? 'once' : `${continued} times`}: its pieces are joined.`,
        ]),
  ];
}

function textOrNull(text: string): string | null {
  return text.trim() === '' ? null : text;
}

/** How far a document is: what its parts were answered, and the chain of the part that is asked now. */
export interface Progress {
  readonly pieces: readonly Piece[];
  readonly chain: Chain;
}

const NONE: Progress = { pieces: [], chain: UNANSWERED };

/**
 * Where replies have led, from the beginning or from where those before them did. That a further request followed on
 * each was decided when it came.
 *
 * @throws Unaskable where one of them ended it.
 */
export function progressOf(replies: readonly Reply[], rules: ChainRules, before: Progress = NONE): Progress {
  return replies.reduce<Progress>(({ pieces, chain }, reply) => {
    const step = takeReply(chain, reply, rules, { tokens: 0, grows: true });
    if (step.kind === 'fail') throw new Unaskable(step.code, step.message);
    return step.kind === 'whole'
      ? { pieces: [...pieces, step.piece], chain: UNANSWERED }
      : { pieces, chain: step.chain };
  }, before);
}

/** What came with several replies, as if with one. */
export function mergeExtras(one: ReplyExtras, other: ReplyExtras): ReplyExtras {
  const reasoning = [one.reasoning, other.reasoning].filter((text) => text !== undefined).join('\n\n');
  const tokens = [one.reasoningTokens, other.reasoningTokens].filter((count) => count !== undefined);
  const refusal = other.refusal ?? one.refusal;
  const annotations = distinct([...(one.annotations ?? []), ...(other.annotations ?? [])]);
  const images = [...(one.images ?? []), ...(other.images ?? [])];
  return {
    ...(reasoning !== '' && { reasoning }),
    ...(tokens.length > 0 && { reasoningTokens: tokens.reduce((sum, count) => sum + count, 0) }),
    ...(refusal !== undefined && { refusal }),
    ...(annotations.length > 0 && { annotations }),
    ...(images.length > 0 && { images }),
  };
}

/** A file that was parsed once is told with every reply. */
function distinct(annotations: readonly unknown[]): readonly unknown[] {
  return [...new Map(annotations.map((annotation) => [JSON.stringify(annotation), annotation])).values()];
}

/** Shorter repetitions happen by chance. */
const LEAST_OVERLAP = 10;
const MOST_OVERLAP = 2000;
/** A heading that is repeated is no beginning anew. */
const LEAST_RESTART = 200;

/**
 * A text that was cut, and what goes on with it. What the second repeats of the end of the first is taken once, unless
 * that end says the same thing twice itself: then nobody can tell. One that begins all over stands for both; of two that
 * were cut, the longer.
 */
export function joinAtSeam(before: string, after: string, afterIsCut = false): string {
  if (before === '') return after;
  const onwards = before.includes('```') || /^\s*[[{]/.test(before) ? withoutOpeningFence(after) : after;
  if (restarts(before, after)) return afterIsCut && after.length < before.length ? before : after;
  return before + onwards.slice(overlapOf(before, onwards));
}

/** A fence that opens once more what is open. */
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

/** What is made of a whole text that a model wrote. */
export type Reading =
  | { readonly kind: 'sound'; readonly text: string; readonly notes: readonly string[] }
  | {
      readonly kind: 'broken';
      readonly code: string;
      /** For people. Holds nothing of the text. */
      readonly message: string;
      /** For the model, which may mend it; null where it is not asked to. */
      readonly complaint: string | null;
    };

export type ReadText = (text: string) => Reading;
