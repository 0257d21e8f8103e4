import { missingPart, scanXml } from './xml.ts';
import type { Archive } from './zip.ts';

/** How the numbers of a section of a format are shown: as they are stored, as dates or times, or as durations in hours. */
export interface FormatSection {
  readonly shows: 'number' | 'date' | 'time' | 'duration';
  readonly hasMilliseconds: boolean;
  /** Whether a number is shown by this section; undefined: its place among the sections says. */
  readonly takes: ((value: number) => boolean) | undefined;
}

/** A number format (`yyyy-mm-dd;@`): its sections. */
export type NumberFormat = readonly FormatSection[];

/** Those that Excel knows by number: of every language, of East Asian ones (27 to 58), and of Thai. */
const BUILT_IN = new Map<number, string>([
  ...range(14, 17, 'd'),
  ...range(18, 21, 'h'),
  [22, 'd h'],
  ...range(27, 31, 'd'),
  ...range(32, 33, 'h'),
  ...range(34, 36, 'd'),
  [45, 'm:s'],
  [46, '[h]:mm:ss'],
  [47, 'm:s.0'],
  ...range(50, 58, 'd'),
  ...range(71, 74, 'd'),
  ...range(75, 76, 'h'),
  [77, 'd h'],
  [78, 'm:s'],
  [79, '[h]:mm:ss'],
  [80, 'm:s.0'],
  [81, 'd'],
]);

function range(first: number, last: number, code: string): readonly (readonly [number, string])[] {
  return Array.from({ length: last - first + 1 }, (_, index) => [first + index, code] as const);
}

/**
 * How numbers are shown, by the styles of their cells (the `s` of a cell), as the styles of a workbook say; without them, all
 * are shown as they are stored.
 */
export class CellFormats {
  readonly is1904: boolean;
  readonly #codes = new Map<number, string>();
  readonly #byId = new Map<number, NumberFormat>();
  /** The number of the format of each style. */
  readonly #ids: number[] = [];

  /** `path`: where the styles lie; empty: there are none. `is1904`: days are counted from January 1, 1904. */
  constructor(archive: Archive, path: string, is1904: boolean) {
    this.is1904 = is1904;
    // Looks of tables and conditions define formats of their own below the same names.
    let list = '';
    const open = (name: string, attributes: Readonly<Record<string, string>>): void => {
      if (name === 'numFmts' || name === 'cellXfs') list = name;
      else if (name === 'numFmt' && list === 'numFmts')
        this.#codes.set(Number(attributes['numFmtId']), attributes['formatCode'] ?? '');
      else if (name === 'xf' && list === 'cellXfs') this.#ids.push(Number(attributes['numFmtId'] ?? 0));
    };
    const close = (name: string): void => {
      if (name === list) list = '';
    };
    const isThere = scanXml(archive, path, { open, close, text: () => {} });
    // Without them, dates would be numbers.
    if (!isThere && path !== '') throw missingPart(path);
  }

  of(style: string): NumberFormat {
    const id = this.#ids[Number(style)] ?? 0;
    let format = this.#byId.get(id);
    if (format === undefined) {
      format = numberFormat(this.#codes.get(id) ?? BUILT_IN.get(id) ?? 'General');
      this.#byId.set(id, format);
    }
    return format;
  }
}

/** Text in a format, what fills or spaces, the words for "as it is", and brackets: not what is shown. */
const PIECES = /"[^"]*"?|[\\_*][^]?|general|standard|\[(?<bracket>[^\]]*)\]?|;/gi;
const CONDITION = /^(?<sign><>|[<>]=?|=)(?<limit>-?[\d.]+)$/;

/** What a format's code means. */
export function numberFormat(code: string): NumberFormat {
  const sections: FormatSection[] = [];
  let letters = '';
  let isDuration = false;
  let takes: FormatSection['takes'];
  const endSection = (): void => {
    sections.push({ ...shownBy(letters.toLowerCase(), isDuration), takes });
    letters = '';
    isDuration = false;
    takes = undefined;
  };
  let end = 0;
  for (const { 0: piece, index, groups } of code.matchAll(PIECES)) {
    letters += code.slice(end, index);
    end = index + piece.length;
    const bracket = groups?.['bracket'];
    if (piece === ';') endSection();
    else if (bracket !== undefined) {
      if (/^(?:h+|m+|s+)$/i.test(bracket)) isDuration = true;
      takes ??= conditionOf(bracket);
    }
  }
  letters += code.slice(end);
  endSection();
  return sections;
}

function shownBy(letters: string, isDuration: boolean): Omit<FormatSection, 'takes'> {
  const seconds = letters.replaceAll(/s\.0+/g, 's');
  const hasMilliseconds = seconds !== letters || (isDuration && letters.startsWith('.0'));
  if (isDuration) return { shows: 'duration', hasMilliseconds };
  // `0.00E+00` is a number, and so is `0 days` of a writer who forgot the quotes.
  if (/[0#?]/.test(seconds)) return { shows: 'number', hasMilliseconds: false };
  const isTime = /[hs]|a\/p|am\/pm/.test(seconds);
  // `m` is a month, but beside hours or seconds minutes; `g` and `e` are years of an emperor, `b` Buddhist ones, `aaa` a weekday.
  if (/[ydgeb]|m{3}|a{3}/.test(seconds) || (!isTime && seconds.includes('m')))
    return { shows: 'date', hasMilliseconds };
  return { shows: isTime ? 'time' : 'number', hasMilliseconds };
}

const COMPARISONS = new Map<string, (value: number, limit: number) => boolean>([
  ['<', (value, limit) => value < limit],
  ['<=', (value, limit) => value <= limit],
  ['>', (value, limit) => value > limit],
  ['>=', (value, limit) => value >= limit],
  ['=', (value, limit) => value === limit],
  ['<>', (value, limit) => value !== limit],
]);

function conditionOf(bracket: string): FormatSection['takes'] {
  const groups = CONDITION.exec(bracket)?.groups;
  const compare = COMPARISONS.get(groups?.['sign'] ?? '');
  return compare === undefined ? undefined : (value) => compare(value, Number(groups?.['limit']));
}
