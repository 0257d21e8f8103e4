import { wholeCharacters } from './whole-characters.ts';

/** Between paragraphs, lines, sentences, words. What stands before each keeps the blanks behind it. */
const BORDERS = [
  /(?<=\n[ \t]*\r?\n)(?=\S)/y,
  /(?<=\n)/y,
  /(?<=[.!?…]["')\]]?\s)(?=\S)|(?<=[。！？])/y,
  /(?<=\s)(?=\S)/y,
];

/** The last place up to `end`, and behind `least`, where a text is cut well: the best kind of border that is there at all. */
export function cleanBorder(text: string, least: number, end: number): number {
  for (const border of BORDERS) {
    for (let at = end; at > least; at -= 1) {
      border.lastIndex = at;
      if (border.test(text)) return at;
    }
  }
  return wholeCharacters(text, end);
}
