import { likelyPromptTokens } from '../domain/likely-tokens.ts';
import type { RenderedMessage } from './split-messages.ts';
import type { Template } from './template.ts';

/** What stands before the document in every prompt of a recipe. */
export interface FixedPieces {
  readonly texts: readonly string[];
  /** Estimated. */
  readonly tokens: number;
}

/** Told by two documents that have nothing in common. */
export function fixedPieces(template: Template): FixedPieces {
  const one = textsBefore(template.render({ name: 'a', path: 'b/a', size: 1, modified: '2001-01-01T00:00:00.000Z' }));
  const other = textsBefore(
    template.render({ name: 'c.d', path: 'e/f/c.d', size: 23, modified: '2022-02-02T02:02:02.222Z' }),
  );
  const texts = other.slice(0, commonLength(one, other));
  return { texts, tokens: likelyPromptTokens({ bytes: Buffer.byteLength(texts.join('')) }) };
}

/** The texts of messages up to the first that is none. */
export function textsBefore(messages: readonly RenderedMessage[]): readonly string[] {
  const pieces = messages.flatMap((message) => message.pieces);
  const end = pieces.findIndex(({ kind }) => kind !== 'text');
  return pieces
    .slice(0, end === -1 ? pieces.length : end)
    .flatMap((piece) => (piece.kind === 'text' ? [piece.text] : []));
}

/** How many of the first texts are the same in both. */
export function commonLength(one: readonly string[], other: readonly string[]): number {
  const end = one.findIndex((text, index) => text !== other[index]);
  return end === -1 ? one.length : end;
}
