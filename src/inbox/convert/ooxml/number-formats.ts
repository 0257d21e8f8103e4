import { clock } from '../numerals.ts';

/** What a section of a number format writes around a number. */
interface NumberUnit {
  /** Words before it: `Nr. `. */
  readonly before: string;
  /** Words behind it: ` kg`. */
  readonly after: string;
  /** `€`, `EUR`; empty: it says none. */
  readonly currency: string;
  /** Whole numbers have so many digits, with zeros before them. */
  readonly digits: number;
}

/** How the numbers of a section of a format are shown: as they are stored, as dates or times, or as durations in hours. */
interface FormatSection {
  readonly shows: 'number' | 'date' | 'time' | 'duration';
  readonly hasMilliseconds: boolean;
  /** Whether a number is shown by this section; undefined: its place among the sections says. */
  readonly takes: ((value: number) => boolean) | undefined;
  readonly unit: NumberUnit;
}

/** A number format (`yyyy-mm-dd;@`): its sections. */
export type NumberFormat = readonly FormatSection[];

/** Text in a format, what fills or spaces, the words for "as it is", and brackets: not what is shown. */
const PIECES = /"[^"]*"?|[\\_*][^]?|general|standard|\[(?<bracket>[^\]]*)\]?|;/gi;
const CONDITION = /^(?<sign><>|[<>]=?|=)(?<limit>-?[\d.]+)$/;

/** What a format's code means. */
export function numberFormat(code: string): NumberFormat {
  const sections: FormatSection[] = [];
  let letters = '';
  let isDuration = false;
  let takes: FormatSection['takes'];
  let start = 0;
  const endSection = (at: number): void => {
    const unit = unitOf(code.slice(start, at));
    sections.push({ ...shownBy(letters.toLowerCase(), isDuration), takes, unit });
    start = at + 1;
    letters = '';
    isDuration = false;
    takes = undefined;
  };
  let end = 0;
  for (const { 0: piece, index, groups } of code.matchAll(PIECES)) {
    letters += code.slice(end, index);
    end = index + piece.length;
    const bracket = groups?.['bracket'];
    if (piece === ';') endSection(index);
    else if (bracket !== undefined) {
      if (/^(?:h+|m+|s+)$/i.test(bracket)) isDuration = true;
      takes ??= conditionOf(bracket);
    }
  }
  letters += code.slice(end);
  endSection(code.length);
  return sections;
}

function shownBy(letters: string, isDuration: boolean): Omit<FormatSection, 'takes' | 'unit'> {
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

function sectionFor(format: NumberFormat, value: number): FormatSection | undefined {
  if (format.length === 1) return format[0];
  if (format.some(({ takes }) => takes !== undefined))
    return format.find(({ takes }) => takes === undefined || takes(value));
  if (value < 0) return format[1];
  return value === 0 ? (format[2] ?? format[0]) : format[0];
}

/** Of a section's code: literals, what fills or spaces, brackets, places for the number or its digits, and all else. */
const TOKENS =
  /"(?<quoted>[^"]*)"?|\\(?<escaped>[^])|[_*][^]?|\[\$(?<currency>[^\]-]*)[^\]]*\]?|\[[^\]]*\]?|(?<place>general|standard|e[+-]|[0#?@])|(?<bare>[^])/giu;
const CURRENCY = /\p{Sc}/u;
/** Signs, brackets and dashes alone say nothing that the number does not. */
const SAYS_SOMETHING = /[\p{L}\p{So}%‰]/u;
/** A comma behind the last digit: the number is shown in thousands, and words behind it may be `K` or `Mio.`. */
const IN_THOUSANDS = /[0#?],+(?![0#?,])/;

function unitOf(section: string): NumberUnit {
  const currencies: string[] = [];
  let before = '';
  let after = '';
  let places = '';
  let bares = '';
  for (const { groups = {} } of section.matchAll(TOKENS)) {
    const { place, bare, currency = '' } = groups;
    const literal =
      groups['quoted'] ?? groups['escaped'] ?? (bare !== undefined && /[\p{L}\p{Sc}\s]/u.test(bare) ? bare : '');
    if (currency.trim() !== '') currencies.push(currency.trim());
    if (CURRENCY.test(literal)) currencies.push(literal.trim());
    else if (places === '') before += literal;
    else after += literal;
    // What stands between digits has no place beside the number.
    if (place !== undefined && places !== '') after = '';
    places += place ?? '';
    bares += place ?? bare ?? '';
  }
  const isWhole = !IN_THOUSANDS.test(bares);
  const words = (text: string): string => (isWhole && SAYS_SOMETHING.test(text) ? text : '');
  // Without a place for the number, words stand for it.
  const [first, last] = places === '' ? ['', ` ${before.trim()}`] : [before, after];
  return {
    before: words(first),
    after: words(last).trimEnd(),
    currency: currencies.join(' '),
    digits: /^0+$/.test(bares.trim()) ? places.length : 0,
  };
}

/** A stored number with what its format writes around it; the currency stands behind it. */
function withUnit(number: string, { before, after, currency, digits }: NumberUnit): string {
  const padded =
    digits > 1 && /^-?\d+$/.test(number) ? number.replace(/\d+/, (all) => all.padStart(digits, '0')) : number;
  const text = `${before.trimStart()}${padded}${after}`;
  return currency === '' ? text : `${text} ${currency}`;
}

const DAY_MS = 86_400_000;
/** December 31, 9999. */
const LAST_DAY = 2_958_465;
/** What days counted from 1904 are less. */
const DAYS_BEFORE_1904 = 1462;
/** Hours and minutes of no more than a year are a sum of them, not the time of a day more than a hundred years ago. */
const YEAR_DAYS = 366;

/**
 * A number of a cell as its format means it: dates and times as ISO 8601, durations and times as hours, minutes and seconds,
 * all others as they are stored, up to 17 digits, with the currency, words and leading zeros of the format. `is1904`: days are counted from January 1, 1904.
 */
export function shownNumber(stored: string, format: NumberFormat | undefined, is1904: boolean): string {
  const value = Number(stored);
  const section = format === undefined ? undefined : sectionFor(format, value);
  if (section === undefined || stored === '' || !Number.isFinite(value)) return storedNumber(stored, value);
  if (section.shows === 'number') return withUnit(storedNumber(stored, value), section.unit);
  // Stored fractions of days are never exact.
  const step = section.hasMilliseconds ? 1 : 1000;
  const ms = Math.round((value * DAY_MS) / step) * step;
  if (section.shows === 'duration') return clock(ms);
  if (section.shows === 'time' && Math.abs(value) < YEAR_DAYS) return clock(ms);
  if (value >= 0 && value < 1 && !is1904) return clock(ms);
  return isoDate(ms, is1904) ?? storedNumber(stored, value);
}

function storedNumber(stored: string, value: number): string {
  return /e/i.test(stored) && !Number.isNaN(value) ? String(value) : stored;
}

/** Null if there is no such day. */
function isoDate(ms: number, is1904: boolean): string | null {
  const days = Math.floor(ms / DAY_MS);
  if (ms < 0 || days > LAST_DAY - (is1904 ? DAYS_BEFORE_1904 : 0)) return null;
  const time = ms % DAY_MS === 0 ? '' : `T${clock(ms % DAY_MS)}`;
  // Excel counts a February 29, 1900, which never was: as Lotus 1-2-3 did.
  if (days === 60 && !is1904) return `1900-02-29${time}`;
  const first = is1904 ? Date.UTC(1904, 0, 1) : Date.UTC(1899, 11, days < 60 ? 31 : 30);
  return `${new Date(first + days * DAY_MS).toISOString().slice(0, 10)}${time}`;
}

/** A date that is stored as ISO 8601 already, without the time or the parts of a second that say nothing. */
export function shownIsoDate(stored: string): string {
  return stored.replace(/(?:T00:00(?::00)?)?(?:\.0+)?Z?$/, '');
}
