import type { FormatSection, NumberFormat } from './number-formats.ts';

function sectionFor(format: NumberFormat, value: number): FormatSection | undefined {
  if (format.length === 1) return format[0];
  if (format.some(({ takes }) => takes !== undefined))
    return format.find(({ takes }) => takes === undefined || takes(value));
  if (value < 0) return format[1];
  return value === 0 ? (format[2] ?? format[0]) : format[0];
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
 * all others as they are stored, up to 17 digits. `is1904`: days are counted from January 1, 1904.
 */
export function shownNumber(stored: string, format: NumberFormat | undefined, is1904: boolean): string {
  const value = Number(stored);
  const section = format === undefined ? undefined : sectionFor(format, value);
  if (section === undefined || section.shows === 'number' || stored === '' || !Number.isFinite(value))
    return storedNumber(stored, value);
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

/** `36:30:00`. */
function clock(ms: number): string {
  const seconds = Math.floor(Math.abs(ms) / 1000);
  const parts = [seconds / 3600, (seconds / 60) % 60, seconds % 60].map((part) =>
    String(Math.floor(part)).padStart(2, '0'),
  );
  const fraction = Math.abs(ms) % 1000;
  const tail = fraction === 0 ? '' : `.${String(fraction).padStart(3, '0')}`;
  return `${ms < 0 ? '-' : ''}${parts.join(':')}${tail}`;
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
