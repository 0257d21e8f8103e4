import { attribute, type XmlElement } from '../xml.ts';

/** What programs show where a formula failed; the value beside it means nothing. */
const ERROR = /^(?:Err:\d+|#[A-Z/0!?]+[!?A]|#N\/A)$/;

/**
 * What is stored in a cell of a sheet: numbers and percentages as they are, amounts with their currency, dates as ISO 8601,
 * times as hours, minutes and seconds. `shown`: the text that the program put in it.
 */
export function cellValue(cell: XmlElement, shown: () => string): string {
  const formula = attribute(cell, 'formula');
  const value = storedValue(cell, formula, shown);
  if (formula === undefined) return value;
  if (value === '' && attribute(cell, 'value-type') === undefined) return plainFormula(formula);
  const address = /HYPERLINK\(\s*"(?<address>[^"]*)"/i.exec(formula)?.groups?.['address'];
  return address === undefined || address === value ? value : `[${value}](${address})`;
}

function storedValue(cell: XmlElement, formula: string | undefined, shown: () => string): string {
  const { attributes } = cell;
  const type = attributes['office:value-type'] ?? attribute(cell, 'value-type') ?? 'string';
  const isError = attributes['calcext:value-type'] === 'error' || (formula !== undefined && ERROR.test(shown()));
  if (isError || type === 'string') return shown() || (attribute(cell, 'string-value') ?? '');
  switch (type) {
    case 'currency':
      return [attribute(cell, 'value') ?? shown(), attribute(cell, 'currency') ?? ''].join(' ').trim();
    case 'date':
      return date(attribute(cell, 'date-value') ?? shown());
    case 'time':
      return time(attribute(cell, 'time-value') ?? '') ?? shown();
    case 'boolean':
      return attribute(cell, 'boolean-value') ?? shown();
    default:
      return attribute(cell, 'value') ?? shown();
  }
}

/** `=SUM(A1:B2)`, as people write it: `of:=SUM([.A1:.B2])` in the file. */
function plainFormula(formula: string): string {
  const plain = formula.replace(/^\w+:=?/, '').replace(/^=/, '');
  return `=${plain.replaceAll(/\[([^\]"]*)\]/g, (_, place: string) => place.replaceAll(/(^|:)\./g, '$1'))}`;
}

/** To the second: fractions of days that programs count in are never exact. */
function date(stored: string): string {
  const groups = /^(?<second>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?<part>\.\d+)$/.exec(stored)?.groups;
  if (groups === undefined) return stored;
  const ms = Date.parse(`${groups['second'] ?? ''}Z`) + Math.round(Number(groups['part'])) * 1000;
  return Number.isNaN(ms) ? stored : new Date(ms).toISOString().slice(0, 19);
}

const DURATION =
  /^(?<sign>-?)P(?:(?<days>\d+)D)?(?:T(?:(?<hours>\d+)H)?(?:(?<minutes>\d+)M)?(?:(?<seconds>\d+(?:[.,]\d+)?)S)?)?$/;

/** `36:30:00` of `PT36H30M00S`; null if it is no such time. */
function time(stored: string): string | null {
  const groups = DURATION.exec(stored)?.groups;
  if (groups === undefined) return null;
  const of = (name: string): number => Number((groups[name] ?? '0').replace(',', '.'));
  const seconds = Math.round(((of('days') * 24 + of('hours')) * 60 + of('minutes')) * 60 + of('seconds'));
  const parts = [seconds / 3600, (seconds / 60) % 60, seconds % 60].map((part) =>
    String(Math.floor(part)).padStart(2, '0'),
  );
  return `${groups['sign'] ?? ''}${parts.join(':')}`;
}
