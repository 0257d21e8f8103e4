import { linkTarget } from '../line.ts';
import { cellReference, clock } from '../numerals.ts';
import type { Reading, Section } from '../reading.ts';
import { csvLine } from '../tables.ts';
import { attribute, childElements, isElement, type XmlElement } from '../xml.ts';
import { type CellBudget, cellsOf, repeatedOf, rowsOf } from './tables.ts';
import type { OdfText } from './text.ts';

/** The sheets of an OpenDocument spreadsheet: rows as CSV, and below them what lies on the sheet. */
export function sheetSections(
  spreadsheet: XmlElement,
  budget: CellBudget,
  text: OdfText,
  reading: Reading,
): readonly Section[] {
  return childElements(spreadsheet).flatMap((element): readonly Section[] => {
    if (element.name === 'table') {
      const sheet = new SheetText(budget, text, reading);
      return [{ heading: `## ${attribute(element, 'name') ?? ''}`, text: sheet.read(element) }];
    }
    const blocks = text.block(element).filter((block) => block.trim() !== '');
    return blocks.length === 0 ? [] : [{ heading: null, text: blocks.join('\n\n') }];
  });
}

/** What a cell says, and what lies on it. */
interface SheetCell {
  readonly text: string;
  readonly beside: readonly XmlElement[];
  readonly count: number;
}

class SheetText {
  readonly #budget: CellBudget;
  readonly #text: OdfText;
  readonly #reading: Reading;
  readonly #lines: string[] = [];
  readonly #below: string[] = [];
  #row = 1;

  constructor(budget: CellBudget, text: OdfText, reading: Reading) {
    this.#budget = budget;
    this.#text = text;
    this.#reading = reading;
  }

  read(table: XmlElement): string {
    for (const row of rowsOf(table)) this.#readRow(row);
    while (this.#lines.at(-1) === '') this.#lines.pop();
    // Its title, its shapes, its charts.
    const others = childElements(table).filter(({ name }) => !name.startsWith('table-'));
    const blocks = others.flatMap((element) => this.#text.block(element));
    return [this.#lines.join('\n'), ...this.#below, ...blocks].filter((block) => block.trim() !== '').join('\n\n');
  }

  #readRow(row: XmlElement): void {
    const cells = cellsOf(row).map((cell): SheetCell => this.#cell(cell));
    const filled = cells.slice(0, cells.findLastIndex(({ text }) => text !== '') + 1);
    const count = repeatedOf(row, 'number-rows-repeated');
    this.#tell(cells);
    this.#row += count;
    if (filled.length === 0) {
      // Any number of empty rows is one empty line.
      this.#budget.take(1);
      if (this.#lines.length > 0 && this.#lines.at(-1) !== '') this.#lines.push('');
      return;
    }
    this.#budget.take(filled.reduce((sum, cell) => sum + cell.count, 0) * count);
    const texts = filled.flatMap((cell) => Array.from({ length: cell.count }, () => this.#reading.put(cell.text)));
    const line = csvLine(texts);
    for (let copies = 0; copies < count; copies += 1) this.#lines.push(copies === 0 ? line : this.#reading.put(line));
  }

  #cell(cell: XmlElement): SheetCell {
    const count = repeatedOf(cell, 'number-columns-repeated');
    const content = cell.children.filter(isElement);
    const beside = content.filter(({ name }) => !INSIDE.has(name));
    const shown = (): string =>
      content
        .filter(({ name }) => INSIDE.has(name))
        .flatMap((block) => this.#text.block(block))
        .join('\n');
    return { text: cellValue(cell, shown), beside, count };
  }

  /** Comments, and shapes that are tied to cells. */
  #tell(cells: readonly SheetCell[]): void {
    let column = 1;
    for (const { text, beside, count } of cells) {
      const place = cellReference(column, this.#row);
      for (const element of beside) {
        if (element.name === 'annotation')
          this.#below.push(this.#text.comment(element, ` on ${text === '' ? place : `${place} (${text})`}`));
        else this.#below.push(...this.#text.block(element));
      }
      column += count;
    }
  }
}

/** What belongs to the text of a cell; all else lies on it. */
const INSIDE = new Set(['p', 'h', 'list']);

/** What programs show where a formula failed; the value beside it means nothing. */
const ERROR = /^(?:Err:\d+|#[A-Z/0!?]+[!?A]|#N\/A)$/;

/**
 * What is stored in a cell of a sheet: numbers and percentages as they are, with their currency or unit, dates as ISO 8601,
 * times as hours, minutes and seconds. `shown`: the text that the program put in it.
 */
function cellValue(cell: XmlElement, shown: () => string): string {
  const formula = attribute(cell, 'formula');
  const value = storedValue(cell, formula, shown);
  if (formula === undefined) return value;
  if (value === '' && attribute(cell, 'value-type') === undefined) return plainFormula(formula);
  const address = /HYPERLINK\(\s*"(?<address>[^"]*)"/i.exec(formula)?.groups?.['address'];
  return address === undefined || address === value ? value : `[${value}](${linkTarget(address)})`;
}

function storedValue(cell: XmlElement, formula: string | undefined, shown: () => string): string {
  const { attributes } = cell;
  const type = attributes['office:value-type'] ?? attribute(cell, 'value-type') ?? 'string';
  const isError = attributes['calcext:value-type'] === 'error' || (formula !== undefined && ERROR.test(shown()));
  if (isError || type === 'string') return shown() || (attribute(cell, 'string-value') ?? '');
  switch (type) {
    case 'currency':
      return currency(attribute(cell, 'value'), attribute(cell, 'currency'), shown());
    case 'date':
      return date(attribute(cell, 'date-value') ?? shown());
    case 'time':
      return time(attribute(cell, 'time-value') ?? '') ?? shown();
    case 'boolean':
      return attribute(cell, 'boolean-value') ?? shown();
    case 'float':
      return number(attribute(cell, 'value'), shown());
    default:
      return attribute(cell, 'value') ?? shown();
  }
}

/** An amount whose currency is not named has the sign that is shown. */
function currency(stored: string | undefined, code: string | undefined, shown: string): string {
  if (stored === undefined) return shown;
  return `${stored} ${code ?? /\p{Sc}/u.exec(shown)?.[0] ?? ''}`.trim();
}

/** A number with the zeros before it, or the unit behind it, that are shown: `00123`, `12 kg`. */
function number(stored: string | undefined, shown: string): string {
  if (stored === undefined) return shown;
  if (/^-?\d+$/.test(shown) && Number(shown) === Number(stored)) return shown;
  const { digits = '', unit = '' } = /^(?<digits>-?[\d\s.,'’]*\d)(?<unit>\s?\p{L}[^\d]*)$/u.exec(shown)?.groups ?? {};
  // In thousands or millions, `M` is none: of `1234567`, `1.2` stands before it.
  const isWhole = [Math.trunc, Math.round].some((whole) =>
    digits.replaceAll(/\D/g, '').startsWith(String(whole(Math.abs(Number(stored))))),
  );
  return isWhole ? stored + unit.trimEnd() : stored;
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
  return `${groups['sign'] ?? ''}${clock(seconds * 1000)}`;
}
