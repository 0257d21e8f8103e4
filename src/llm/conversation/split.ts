import type { Inquiry } from '../../domain/ports.ts';
import type { Handling } from '../../domain/recipe.ts';
import type { Part, Prompt } from '../../domain/request.ts';
import { numeral } from '../../lib/text.ts';
import type { CountTokens } from '../tokens.ts';
import { CannotAskError, renderPrompt, textsOf } from './prompt.ts';
import { charactersOf, cooperatively, countedTokens, type Span, splitText } from './split-text.ts';

/** What of a document's text is asked in each request; null: all of the document in one. */
export type Division = readonly Span[] | null;

/** What there is to divide. */
interface Divisible {
  /** Of the document, all of it. */
  readonly text: string;
  readonly tokens: number;
  /** How often the prompt holds the document. */
  readonly copies: number;
  /** Tokens of the prompt beside it. */
  readonly fixedTokens: number;
  readonly model: string;
  /** Tokens that a prompt may have. */
  readonly room: number;
  /** Tokens of the document that a prompt may hold, by the recipe. */
  readonly most: number;
  readonly count: CountTokens;
  /** How a larger context is to be had. */
  readonly larger: string;
}

/** A text that is put together from pieces may have a few more tokens than they had. */
const SAFE_SHARE = 0.98;

/** The share that may be given up for a clean border: little if the rest is never sent; more if it comes in the next part. */
const GIVEN_UP = { truncate: 1 / 10, split: 1 / 2 };

/** More of them are a mistake, and expensive. */
const MOST_PARTS = 1000;

/** Where a document is cut or split, if it is. Rejects with CannotAskError if it can be asked in neither way. */
export async function divideText(divisible: Divisible, { parts, recipe: { handling } }: Inquiry): Promise<Division> {
  const { text, tokens, copies, fixedTokens, room, most, count, larger } = divisible;
  if (fixedTokens + copies * tokens <= room && tokens <= most) return null;
  if (handling.onTooLong === 'fail') throw tooLong(divisible, `${MAY_BE_DIVIDED}, or ${larger}`);
  if (parts.some(({ kind }) => kind !== 'text')) throw tooLong(divisible, ONLY_TEXT);
  const space = Math.min(most, Math.floor(((room - fixedTokens) / copies) * SAFE_SHARE));
  if (space < 1) throw tooLong(divisible, NO_ROOM);
  if (handling.onTooLong === 'split') {
    requireJoining(handling);
    const { overlap } = handling.split;
    return cooperatively(fewEnough(splitText(text, { tokens: space, overlap, givenUp: GIVEN_UP.split }, count)));
  }
  const [beginning] = splitText(text, { tokens: space, overlap: 0, givenUp: GIVEN_UP.truncate }, count);
  return beginning === undefined ? null : [beginning];
}

const MAY_BE_DIVIDED = 'Set sluice.on_too_long to truncate or split in the recipe';
const ONLY_TEXT = 'Only a document that is all text can be cut or split';
const NO_ROOM = 'The recipe alone leaves no room for the document: shorten it, or name a model with a larger context';

const TOO_MANY_PARTS =
  `The document would be asked in more than ${numeral(MOST_PARTS)} parts: set sluice.split.tokens to more, name a ` +
  'model with a larger context, or divide the document yourself';

function* fewEnough(spans: Iterable<Span>): Generator<Span> {
  let parts = 0;
  for (const span of spans) {
    parts += 1;
    if (parts > MOST_PARTS) throw new CannotAskError('too-many-parts', TOO_MANY_PARTS);
    yield span;
  }
}

/** Before anything is paid for. */
function requireJoining({ output: { format, schema }, split: { combine } }: Handling): void {
  if (format === 'text' || combine !== null || schema === null || schema['type'] === 'array') return;
  throw new CannotAskError(
    'not-joinable',
    'Answers to the parts of a document can be joined where output.schema asks for an array: set sluice.split.combine, ' +
      'a prompt that makes one answer of them',
  );
}

function tooLong({ model, copies, tokens, fixedTokens, room, most }: Divisible, advice: string): CannotAskError {
  const prompt = fixedTokens + copies * tokens;
  const figures =
    prompt > room
      ? `The prompt has about ${numeral(prompt)} tokens, and ${model} takes ${numeral(room)} beside the answer`
      : `The document has about ${numeral(tokens)} tokens, and sluice.split.tokens is ${numeral(most)}`;
  return new CannotAskError('too-long', `${figures}. ${advice}`);
}

/** The text of a document, and of the recipe around it, counted. Rejects with CannotAskError. */
export async function measureText(
  inquiry: Inquiry,
  whole: Prompt,
  count: CountTokens,
): Promise<Pick<Divisible, 'text' | 'tokens' | 'copies' | 'fixedTokens'>> {
  const texts = textsIn(inquiry.parts);
  const text = texts.join('\n\n');
  const around = textsOf(await renderPrompt(inquiry, []));
  const added = charactersOf(textsOf(whole)) - charactersOf(around);
  return {
    text,
    tokens: await countedTokens([text], count),
    copies: Math.max(1, Math.round(added / Math.max(1, charactersOf(texts)))),
    fixedTokens: await countedTokens(around, count),
  };
}

/** All that is text in a document. */
export function textsIn(parts: readonly Part[]): readonly string[] {
  return parts.flatMap((part) => (part.kind === 'text' ? part.text : []));
}
