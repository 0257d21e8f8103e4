import { type NumberStyle, numeral, repeatedLetters } from '../numerals.ts';
import { attribute, childElement, childElements, textOf, type XmlElement } from '../xml.ts';

/** The numbers that a list has reached, level by level, the first at 0. */
type LevelCounters = (number | undefined)[];

/** How the items of a list are marked, level by level. */
export interface ListStyle {
  /** The first number of a level; levels count from 1. */
  start(level: number): number;
  /** What stands before an item: `3.`, `(a)`, `-`; empty: nothing does. */
  mark(level: number, counters: Readonly<LevelCounters>): string;
}

/** A list, or one in another: what its items need to be numbered. */
export interface CountedList {
  readonly level: number;
  readonly style: ListStyle;
  readonly styleName: string;
  readonly counters: LevelCounters;
}

/** Counts the items of the lists of one text. */
export class ListNumbers {
  readonly #byId = new Map<string, LevelCounters>();
  readonly #byStyle = new Map<string, LevelCounters>();
  readonly #headings: LevelCounters = [];

  /** Begins a list. `outer`: the one around it. */
  open(list: XmlElement, outer: CountedList | null, styleName: string, style: ListStyle): CountedList {
    const level = (outer?.level ?? 0) + 1;
    const goesOn = attribute(list, 'continue-numbering');
    if (outer !== null) {
      // Unless the file says otherwise, it starts again behind each item of the list around it, and goes on behind another in the same item.
      if (goesOn === 'false') outer.counters.length = Math.min(outer.counters.length, level - 1);
      return { level, style, styleName, counters: outer.counters };
    }
    const counters =
      this.#byId.get(attribute(list, 'continue-list') ?? '') ??
      (goesOn === 'true' ? this.#byStyle.get(styleName) : undefined) ??
      [];
    const id = attribute(list, 'id');
    if (id !== undefined) this.#byId.set(id, counters);
    this.#byStyle.set(styleName, counters);
    return { level, style, styleName, counters };
  }

  /** The mark of a paragraph that is an item without a list around it: it names the list that it belongs to. */
  ofParagraph(paragraph: XmlElement, style: ListStyle): string {
    const id = attribute(paragraph, 'list-id') ?? '';
    const counters = this.#byId.get(id) ?? [];
    this.#byId.set(id, counters);
    const level = Math.min(DEEPEST_LEVEL, wholeNumber(attribute(paragraph, 'level'), 1));
    return nextMark(paragraph, style, level, counters);
  }

  /** The number of a heading; empty: it has none. */
  ofHeading(heading: XmlElement, style: ListStyle, level: number): string {
    return nextMark(heading, style, level, this.#headings);
  }
}

/** The mark of the next item of a list. */
export function itemMark(item: XmlElement, { level, style, counters }: CountedList): string {
  if (item.name === 'list-header') return '';
  // An item that is there for the list in it only: it counts, but has no line to stand on.
  if (childElements(item).every(({ name }) => name === 'list')) {
    counters[level - 1] ??= style.start(level);
    return '';
  }
  return nextMark(item, style, level, counters);
}

function nextMark(item: XmlElement, style: ListStyle, level: number, counters: LevelCounters): string {
  const start = attribute(item, 'start-value');
  const before = attribute(item, 'restart-numbering') === 'true' ? undefined : counters[level - 1];
  counters.length = level;
  counters[level - 1] =
    start === undefined && before !== undefined ? before + 1 : wholeNumber(start, style.start(level));
  // Some programs write down what they showed.
  const written = childElement(item, 'number');
  return written === undefined ? style.mark(level, counters) : textOf(written).trim();
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
    childElements(style).map((level) => [wholeNumber(attribute(level, 'level'), 1), listLevel(level)]),
  );
  const at = (level: number): ListLevel => levels.get(Math.min(level, DEEPEST_LEVEL)) ?? BULLET;
  const figure = (level: number, counters: Readonly<LevelCounters>): string =>
    number(at(level), counters[level - 1] ?? at(level).start);
  return {
    start: (level) => at(level).start,
    mark: (level, counters) => {
      const { format, bullet, prefix, suffix, shown, pattern } = at(level);
      if (format === null) return bullet;
      if (format === '') return `${prefix}${suffix}`.trim();
      if (pattern !== null)
        return pattern.replaceAll(/%(\d+)%/g, (_, of: string) => figure(Number(of), counters)).trim();
      const figures = Array.from({ length: Math.min(shown, level) }, (_, index) => figure(level - index, counters));
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
/** No list counts as far as so many times the same letter. */
const MOST_REPEATED = 100;

function number({ format, isRepeated }: ListLevel, value: number): string {
  if (format === null || format === '') return '';
  // Figures also for those of other scripts: the number is right.
  const style = NUMBER_STYLES[format] ?? 'decimal';
  const repeated = isRepeated && /^letters$/i.test(style) ? repeatedLetters(value, MOST_REPEATED) : null;
  if (repeated === null) return numeral(style, value);
  return style === 'LETTERS' ? repeated.toUpperCase() : repeated;
}
