import type { OutputRules } from '../domain/recipe.ts';
import type { Piece } from './chain.ts';
import { mergeExtras } from './merge-extras.ts';

/** The answers to the parts of a document as one: lists of JSON in one list, texts with a blank line between them. */
export function joinPieces(pieces: readonly Piece[], { format }: Pick<OutputRules, 'format'>): Piece {
  const texts = pieces.map(({ text }) => text);
  return {
    text: format === 'json' ? joinedJson(texts) : joinedText(texts),
    extras: pieces.map(({ extras }) => extras).reduce(mergeExtras, {}),
    notes: pieces.flatMap(({ notes }, index) => notes.map((note) => `Part ${index + 1}: ${note}`)),
  };
}

function joinedText(texts: readonly string[]): string {
  return texts.map((text, index) => (index === texts.length - 1 ? text : text.trimEnd())).join('\n\n');
}

/** By the text, so that numbers keep their digits. What is no list becomes an item of one. */
function joinedJson(texts: readonly string[]): string {
  const allLists = texts.every((text) => text.startsWith('['));
  const items = texts.map((text) => (allLists ? text.trim().slice(1, -1) : text).trim()).filter((text) => text !== '');
  return `[${items.join(',')}]`;
}
