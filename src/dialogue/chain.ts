import type { Reply, ReplyExtras } from '../domain/reply.ts';
import { joinAtSeam } from './join-at-seam.ts';
import { mergeExtras } from './merge-extras.ts';
import { numeral } from './numerals.ts';
import type { Reading, ReadText } from './reading.ts';

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

export const UNANSWERED: Chain = { said: '', continued: 0, longer: false, mending: null, extras: {} };

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

export type Step =
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
