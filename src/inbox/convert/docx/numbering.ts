import { getOrInsertComputed } from '../../../lib/collections.ts';
import { type NumberStyle, numeral, repeatedLetters } from '../numerals.ts';
import { isOn } from '../ooxml/ooxml.ts';
import { textInSymbols } from '../symbols.ts';
import { attribute, childElement, childElements, elementsNamed, type XmlElement } from '../xml.ts';
import { levelOf, type StyleNumbering, type Styles, valueIn } from './styles.ts';

interface NumberingLevel {
  /** `%1.%2`: the numbers of the levels in their places. Of bullets: what is shown. */
  readonly text: string;
  readonly format: string;
  readonly start: number;
  /** It begins again after a number of this level or of a higher one, counted from 1; 0: it never does; null: of any higher one. */
  readonly restartsAfter: number | null;
  /** Numbers of all levels in figures. */
  readonly isLegal: boolean;
  /** The style of paragraphs that are on this level. */
  readonly style: string | undefined;
}

interface ListDefinition {
  /** Lists that share it count on with each other. */
  readonly counters: string;
  readonly levels: readonly (NumberingLevel | undefined)[];
  /** Where the list begins to count when it is first met, by level. */
  readonly starts: readonly (number | undefined)[];
}

/** The lists of a document. */
export class ListDefinitions {
  readonly #styles: Styles;
  readonly #abstracts: ReadonlyMap<string, XmlElement>;
  readonly #numbers: ReadonlyMap<string, XmlElement>;
  readonly #lists = new Map<string, ListDefinition | null>();

  constructor(root: XmlElement | null, styles: Styles) {
    this.#styles = styles;
    const named = (name: string, id: string): ReadonlyMap<string, XmlElement> =>
      new Map(childElements(root, name).map((element) => [attribute(element, id) ?? '', element]));
    this.#abstracts = named('abstractNum', 'abstractNumId');
    this.#numbers = named('num', 'numId');
  }

  /** Null if there is no such list. */
  list(id: string): ListDefinition | null {
    return getOrInsertComputed(this.#lists, id, () => this.#read(id));
  }

  /** The level on which a style puts its paragraphs. */
  levelOf({ list, level, styles }: StyleNumbering): number {
    const levels = this.list(list)?.levels ?? [];
    for (const style of styles) {
      const named = levels.findIndex((each) => each?.style === style);
      if (named !== -1) return named;
    }
    return level ?? 0;
  }

  #read(id: string): ListDefinition | null {
    const number = this.#numbers.get(id);
    if (number === undefined) return null;
    const counters = valueIn(number, 'abstractNumId') ?? '';
    const abstract = this.#definition(counters);
    if (abstract === null) return null;
    const levels: (NumberingLevel | undefined)[] = [];
    const starts: (number | undefined)[] = [];
    for (const level of childElements(abstract.element, 'lvl')) levels[place(level)] = readLevel(level);
    for (const override of childElements(number, 'lvlOverride')) {
      const level = childElement(override, 'lvl');
      if (level !== undefined) levels[place(override)] = readLevel(level);
      const start = valueIn(override, 'startOverride');
      if (start !== undefined) starts[place(override)] = numberOf(start, 1);
    }
    return { counters: abstract.id, levels, starts };
  }

  /** Some lists only name a style of lists, which names the list that is meant. */
  #definition(id: string): { readonly id: string; readonly element: XmlElement } | null {
    const seen = new Set<string>();
    for (let current = id; !seen.has(current); ) {
      seen.add(current);
      const element = this.#abstracts.get(current);
      if (element === undefined) return null;
      const link = valueIn(element, 'numStyleLink');
      const list = link === undefined ? undefined : this.#numbers.get(this.#styles.listOf(link) ?? '');
      if (list === undefined) return { id: current, element };
      current = valueIn(list, 'abstractNumId') ?? '';
    }
    return null;
  }
}

function place(level: XmlElement): number {
  return levelOf(attribute(level, 'ilvl')) ?? 0;
}

function readLevel(level: XmlElement): NumberingLevel {
  const restart = valueIn(level, 'lvlRestart');
  const legal = childElement(level, 'isLgl');
  // Beside a format that only newer versions know stands the nearest that all do, as the last one.
  const format = elementsNamed(level, 'numFmt').at(-1);
  const value = attribute(format, 'val') ?? 'decimal';
  return {
    text: value === 'bullet' ? bullet(level) : (valueIn(level, 'lvlText') ?? ''),
    format: value,
    start: numberOf(valueIn(level, 'start'), 0),
    restartsAfter: restart === undefined ? null : numberOf(restart, 0),
    isLegal: legal !== undefined && isOn(attribute(legal, 'val')),
    style: valueIn(level, 'pStyle'),
  };
}

/** Bullets that say something, and are not only the looks of a list. */
const BOXES = /[☐☑☒✓✔✕✖✗✘□◻❏❐❑❒]/u;

function bullet(level: XmlElement): string {
  const sign = valueIn(level, 'lvlText') ?? '';
  if (childElement(level, 'lvlPicBulletId') !== undefined) return '-';
  // Without a sign, paragraphs of an item go on.
  if (sign.trim() === '') return '';
  const fonts = childElement(childElement(level, 'rPr'), 'rFonts');
  const shown = textInSymbols(attribute(fonts, 'ascii') ?? '', sign.trim());
  return BOXES.test(shown) ? `- ${shown}` : '-';
}

function numberOf(text: string | undefined, otherwise: number): number {
  const value = Math.trunc(Number(text));
  return Number.isSafeInteger(value) ? value : otherwise;
}

/** Where the lists of one text are: the body, the notes and the comments of a document count for themselves. */
export class ListCounters {
  readonly #lists: ListDefinitions;
  readonly #values = new Map<string, (number | undefined)[]>();
  readonly #begun = new Set<string>();

  constructor(lists: ListDefinitions) {
    this.#lists = lists;
  }

  /** The level of its list on which a style puts paragraphs. */
  levelOf(numbering: StyleNumbering): number {
    return this.#lists.levelOf(numbering);
  }

  /** What stands before the next paragraph of a list: `5.`, `(a)`, `-`; empty: nothing; null: there is no such list. */
  next(id: string, at: number): string | null {
    const list = this.#lists.list(id);
    const level = list?.levels[at];
    if (list === null || level === undefined) return null;
    const values = this.#values.get(list.counters) ?? [];
    this.#values.set(list.counters, values);
    const before = values[at];
    values[at] =
      this.#beginning(list, id, at) ?? (before === undefined ? (list.starts[at] ?? level.start) : before + 1);
    for (let below = at + 1; below < values.length; below += 1) {
      const after = list.levels[below]?.restartsAfter ?? null;
      if (after === null || at < after) values[below] = undefined;
    }
    if (level.format === 'bullet') return level.text;
    return level.text.replaceAll(/%([1-9])/g, (_, digit: string) => {
      const index = Number(digit) - 1;
      const other = list.levels[index];
      const value = values[index] ?? list.starts[index] ?? other?.start ?? 1;
      return level.isLegal ? String(value) : formatted(other?.format ?? 'decimal', value);
    });
  }

  /** Once for each list and level. */
  #beginning(list: ListDefinition, id: string, at: number): number | undefined {
    const start = list.starts[at];
    const key = `${at} ${id}`;
    if (start === undefined || this.#begun.has(key)) return undefined;
    this.#begun.add(key);
    return start;
  }
}

const FORMATS: ReadonlyMap<string, NumberStyle> = new Map([
  ['decimalZero', 'padded'],
  ['lowerRoman', 'roman'],
  ['upperRoman', 'ROMAN'],
]);

/** So many letters are written; beyond them, figures. */
const MOST_LETTERS = 30;

/** A number in one of Word's formats; one that is not known is written in figures. */
export function formatted(format: string, value: number): string {
  if (format === 'none') return '';
  if (format === 'ordinal')
    return value + (ORDINALS.get(value % 100 > 10 && value % 100 < 14 ? 0 : value % 10) ?? 'th');
  if (format === 'lowerLetter') return letters(value);
  if (format === 'upperLetter') return letters(value).toUpperCase();
  return numeral(FORMATS.get(format) ?? 'decimal', value);
}

const ORDINALS: ReadonlyMap<number, string> = new Map([
  [1, 'st'],
  [2, 'nd'],
  [3, 'rd'],
]);

function letters(value: number): string {
  return repeatedLetters(value, MOST_LETTERS) ?? String(value);
}
