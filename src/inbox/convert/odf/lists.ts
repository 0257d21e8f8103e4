import { type NumberStyle, numeral, repeatedLetters } from '../numerals.ts';
import { attribute, childElement, childElements, textOf, type XmlElement } from '../xml.ts';

/** Where the numbers of a list stand: of each level, the first at 0. */
type Standing = (number | undefined)[];

/** How the items of a list are marked, level by level. */
export interface ListStyle {
  /** The first number of a level; levels count from 1. */
  start(level: number): number;
  /** What stands before an item: `3.`, `(a)`, `-`; empty: nothing does. */
  mark(level: number, standing: Readonly<Standing>): string;
}

/** A list, or one in another: what its items need to be numbered. */
export interface OpenList {
  readonly level: number;
  readonly style: ListStyle;
  readonly styleName: string;
  readonly standing: Standing;
}

/** Counts the items of the lists of one text. */
export class ListNumbers {
  readonly #byId = new Map<string, Standing>();
  readonly #byStyle = new Map<string, Standing>();
  readonly #headings: Standing = [];

  /** Begins a list. `outer`: the one around it. */
  open(list: XmlElement, outer: OpenList | null, styleName: string, style: ListStyle): OpenList {
    const level = (outer?.level ?? 0) + 1;
    const goesOn = attribute(list, 'continue-numbering');
    if (outer !== null) {
      // Without a word it begins anew behind each item of the list around it, and goes on behind another in the same item.
      if (goesOn === 'false') outer.standing.length = Math.min(outer.standing.length, level - 1);
      return { level, style, styleName, standing: outer.standing };
    }
    const standing =
      this.#byId.get(attribute(list, 'continue-list') ?? '') ??
      (goesOn === 'true' ? this.#byStyle.get(styleName) : undefined) ??
      [];
    const id = attribute(list, 'id');
    if (id !== undefined) this.#byId.set(id, standing);
    this.#byStyle.set(styleName, standing);
    return { level, style, styleName, standing };
  }

  /** The mark of a paragraph that is an item without a list around it: it names the list that it belongs to. */
  ofParagraph(paragraph: XmlElement, style: ListStyle): string {
    const id = attribute(paragraph, 'list-id') ?? '';
    const standing = this.#byId.get(id) ?? [];
    this.#byId.set(id, standing);
    const level = Math.min(DEEPEST_LEVEL, wholeNumber(attribute(paragraph, 'level'), 1));
    return nextMark(paragraph, style, level, standing);
  }

  /** The number of a heading; empty: it has none. */
  ofHeading(heading: XmlElement, style: ListStyle, level: number): string {
    return nextMark(heading, style, level, this.#headings);
  }
}

/** The mark of the next item of a list. */
export function itemMark(item: XmlElement, { level, style, standing }: OpenList): string {
  if (item.name === 'list-header') return '';
  // An item that is there for the list in it only: it counts, but has no line to stand on.
  if (childElements(item).every(({ name }) => name === 'list')) {
    standing[level - 1] ??= style.start(level);
    return '';
  }
  return nextMark(item, style, level, standing);
}

function nextMark(item: XmlElement, style: ListStyle, level: number, standing: Standing): string {
  const start = attribute(item, 'start-value');
  const before = attribute(item, 'restart-numbering') === 'true' ? undefined : standing[level - 1];
  standing.length = level;
  standing[level - 1] =
    start === undefined && before !== undefined ? before + 1 : wholeNumber(start, style.start(level));
  // Some programs write down what they showed.
  const written = childElement(item, 'number');
  return written === undefined ? style.mark(level, standing) : textOf(written).trim();
}

/** A whole number in an attribute; `otherwise` if there is none. */
export function wholeNumber(text: string | undefined, otherwise: number): number {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : otherwise;
}

interface ListLevel {
  /** Empty: a number is not shown; null: it is a bullet. */
  readonly format: string | null;
  /** After z come aa, bb, cc. */
  readonly isRepeated: boolean;
  readonly bullet: string;
  readonly prefix: string;
  readonly suffix: string;
  readonly start: number;
  /** How many levels the number shows, this one counted. */
  readonly shown: number;
  /** The whole number, `%1%.%2%)`; null: it is put together from the others. */
  readonly pattern: string | null;
}

/** Deeper items are marked as those of this level. */
const DEEPEST_LEVEL = 10;
/** Bullets that say something about their item. */
const MARKS = /[☐-☓✓-✘]/;
const BULLET: ListLevel = {
  format: null,
  isRepeated: false,
  bullet: '-',
  prefix: '',
  suffix: '',
  start: 1,
  shown: 1,
  pattern: null,
};

/** What a style of lists or of headings says; null: bullets only. */
export function listStyle(style: XmlElement | null): ListStyle {
  const levels = new Map(
    (style === null ? [] : childElements(style)).map((level) => [
      wholeNumber(attribute(level, 'level'), 1),
      listLevel(level),
    ]),
  );
  const at = (level: number): ListLevel => levels.get(Math.min(level, DEEPEST_LEVEL)) ?? BULLET;
  const figure = (level: number, standing: Readonly<Standing>): string =>
    number(at(level), standing[level - 1] ?? at(level).start);
  return {
    start: (level) => at(level).start,
    mark: (level, standing) => {
      const { format, bullet, prefix, suffix, shown, pattern } = at(level);
      if (format === null) return bullet;
      if (format === '') return `${prefix}${suffix}`.trim();
      if (pattern !== null)
        return pattern.replaceAll(/%(\d+)%/g, (_, of: string) => figure(Number(of), standing)).trim();
      const figures = Array.from({ length: Math.min(shown, level) }, (_, index) => figure(level - index, standing));
      const shownFigures = figures.toReversed().filter((text) => text !== '');
      return `${prefix}${shownFigures.join('.')}${suffix}`.trim();
    },
  };
}

function listLevel(level: XmlElement): ListLevel {
  const bullet = attribute(level, 'bullet-char') ?? '';
  const isNumber = level.name === 'list-level-style-number' || level.name === 'outline-level-style';
  return {
    format: isNumber ? (attribute(level, 'num-format') ?? '') : null,
    isRepeated: attribute(level, 'num-letter-sync') === 'true',
    bullet: MARKS.test(bullet) ? `- ${bullet}` : '-',
    prefix: attribute(level, 'num-prefix') ?? '',
    suffix: attribute(level, 'num-suffix') ?? '',
    start: wholeNumber(attribute(level, 'start-value'), 1),
    shown: wholeNumber(attribute(level, 'display-levels'), 1),
    pattern: attribute(level, 'num-list-format') ?? null,
  };
}

const NUMBER_STYLES: Readonly<Record<string, NumberStyle>> = {
  a: 'letters',
  A: 'LETTERS',
  i: 'roman',
  I: 'ROMAN',
  '01': 'padded',
};
/** Longer numbers of one letter are of nobody's list. */
const MOST_REPEATED = 100;

function number({ format, isRepeated }: ListLevel, value: number): string {
  if (format === null || format === '') return '';
  // Figures also for those of other scripts: the number is right.
  const style = NUMBER_STYLES[format] ?? 'decimal';
  const repeated = isRepeated && /^letters$/i.test(style) ? repeatedLetters(value, MOST_REPEATED) : null;
  if (repeated === null) return numeral(style, value);
  return style === 'LETTERS' ? repeated.toUpperCase() : repeated;
}
