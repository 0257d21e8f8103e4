import { combineLatest, map, type Observable } from 'rxjs';
import type { Inquiry } from '../domain/ports.ts';
import type { Part, Prompt } from '../domain/request.ts';
import { textsOf } from '../llm/conversation/prompt.ts';
import { atLeisure } from './at-leisure.ts';
import type { CountTokens } from './count-tokens.ts';
import { renderPrompt } from './render-prompt.ts';

/** What there is to divide. */
export interface TextMeasures {
  /** Of the document, all of it. */
  readonly text: string;
  readonly tokens: number;
  /** How often the prompt holds the document. */
  readonly copies: number;
  /** Tokens of the prompt beside it. */
  readonly fixedTokens: number;
}

/** Characters that are counted at once. */
const PIECE = 50_000;

/** The text of a document, and of the recipe around it, counted. Emits once; errors with Unaskable. */
export function measureText(inquiry: Inquiry, whole: Prompt, count: CountTokens): Observable<TextMeasures> {
  const text = textOfParts(inquiry.parts);
  return combineLatest([renderPrompt(inquiry, []), atLeisure(countedPieces(text, count))]).pipe(
    map(([empty, tokens]) => ({
      text,
      tokens: sum(tokens),
      copies: copiesOf(inquiry, whole, empty),
      fixedTokens: sum(textsOf(empty).map(count)),
    })),
  );
}

/** All that is text in a document. */
export function textOfParts(parts: readonly Part[]): string {
  return textsIn(parts).join('\n\n');
}

function textsIn(parts: readonly Part[]): readonly string[] {
  return parts.flatMap((part) => (part.kind === 'text' ? [part.text] : []));
}

function copiesOf({ parts }: Inquiry, whole: Prompt, empty: Prompt): number {
  const added = charactersOf(textsOf(whole)) - charactersOf(textsOf(empty));
  return Math.max(1, Math.round(added / Math.max(1, charactersOf(textsIn(parts)))));
}

function charactersOf(texts: readonly string[]): number {
  return sum(texts.map(({ length }) => length));
}

function* countedPieces(text: string, count: CountTokens): Generator<number> {
  for (let start = 0; start < text.length; start += PIECE) yield count(text.slice(start, start + PIECE));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
