import type { Part } from '../domain/request.ts';
import { firstCharacters } from './first-characters.ts';

/** The first characters of what is text in the parts; what is none stays whole. */
export function cutParts(parts: readonly Part[], characters: number): readonly Part[] {
  let left = characters;
  const cut: Part[] = [];
  for (const part of parts) {
    if (part.kind === 'text') {
      const text = firstCharacters(part.text, left);
      left -= Array.from(text).length;
      if (text !== '') cut.push({ kind: 'text', text });
    } else cut.push(part);
  }
  return cut;
}
