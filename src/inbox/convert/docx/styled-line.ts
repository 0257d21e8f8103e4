import { bareAddress, linkTarget } from '../line.ts';
import { BOLD, ITALIC, STRUCK, SUBSCRIPT, SUPERSCRIPT } from './styles.ts';

interface Piece {
  readonly text: string;
  readonly looks: number;
}

/** The text of one paragraph as it is read, with looks that carry meaning. */
export class StyledLine {
  /** Blocks that come after the paragraph: what stands in boxes that are anchored in it. */
  readonly after: string[] = [];
  readonly #pieces: Piece[] = [];
  #isAfterAside = false;

  /** A place in the text, for `cut`, `link` and `isEmptyFrom`. */
  get end(): number {
    return this.#pieces.length;
  }

  add(text: string, looks = 0): void {
    if (text === '') return;
    const touches = this.#isAfterAside && /^[\p{L}\p{N}]/u.test(text);
    this.#isAfterAside = false;
    this.#pieces.push({ text: touches ? ` ${text}` : text, looks });
  }

  /** Adds what is not part of the sentence: it touches no word. */
  aside(text: string): void {
    if (text === '') return;
    this.add(/\S$/.test(this.last) ? ` ${text}` : text);
    this.#isAfterAside = true;
  }

  /** Adds a formula: `$$` between two would be one sign. */
  formula(text: string): void {
    this.add(text !== '' && this.last === '$' ? ` ${text}` : text);
  }

  /** Drops what was added since. */
  cut(place: number): void {
    this.#pieces.length = place;
  }

  /** The last character. */
  get last(): string {
    return this.#pieces.at(-1)?.text.slice(-1) ?? '';
  }

  isEmptyFrom(place: number): boolean {
    return this.#pieces.slice(place).every(({ text }) => text.trim() === '');
  }

  /** Makes a link of what was added since. */
  link(place: number, address: string): void {
    const text = rendered(this.#pieces.slice(place));
    if (text.trim() === '' || bareAddress(text.trim()) === bareAddress(address)) return;
    this.cut(place);
    this.add(`[${text}](${linkTarget(address)})`);
  }

  /** As Markdown; `looks` are those that are shown. */
  markdown(looks = BOLD | ITALIC | STRUCK | SUPERSCRIPT | SUBSCRIPT): string {
    return rendered(this.#pieces.map((piece) => ({ text: piece.text, looks: piece.looks & looks })));
  }
}

const SIGNS: readonly (readonly [look: number, before: string, after: string])[] = [
  [BOLD, '**', '**'],
  [ITALIC, '*', '*'],
  [STRUCK, '~~', '~~'],
  [SUBSCRIPT, '<sub>', '</sub>'],
  [SUPERSCRIPT, '<sup>', '</sup>'],
];

/** Signs that go on from one piece to the next stay open. They stand next to words: blanks are outside. */
function rendered(pieces: readonly Piece[]): string {
  let markdown = '';
  let blanks = '';
  const open: (typeof SIGNS)[number][] = [];
  const closeTo = (length: number): void => {
    while (open.length > length) markdown += open.pop()?.[2] ?? '';
  };
  for (const { text, looks } of pieces) {
    const words = text.trim();
    if (words === '') {
      blanks += text;
      continue;
    }
    const ended = open.findIndex(([look]) => (looks & look) === 0);
    if (ended !== -1) closeTo(ended);
    const start = text.indexOf(words);
    markdown += blanks + text.slice(0, start);
    for (const sign of SIGNS) {
      if ((looks & sign[0]) === 0 || open.includes(sign)) continue;
      markdown += sign[1];
      open.push(sign);
    }
    markdown += words;
    blanks = text.slice(start + words.length);
  }
  closeTo(0);
  return markdown + blanks;
}
