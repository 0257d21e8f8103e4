import { RefusalError } from '../file-kind.ts';
import { cellReference } from '../numerals.ts';
import type { Reading } from '../reading.ts';
import { type ColumnCell, csvCell } from '../tables.ts';
import type { Attributes, XmlHandler } from '../xml.ts';
import { CellTexts, linked } from './cells.ts';
import { StringText } from './strings.ts';
import type { Workbook } from './workbook.ts';

const HEADER_OR_FOOTER = /^(?:odd|even|first)(?:Header|Footer)$/;

/**
 * Makes CSV of a sheet as its XML is read. Any number of empty rows between others is one empty line. Throws a `RefusalError`
 * for a cell at a place that Excel does not have.
 */
export class SheetRows implements XmlHandler {
  readonly lines: string[] = [];
  /** Whether a picture lies behind the cells. */
  hasBackground = false;
  /** Headers and footers of its printed pages as they are stored, by their names: `oddHeader`. */
  readonly headersAndFooters = new Map<string, string>();
  /** Texts of the cells that were asked for, by their places. */
  readonly texts = new Map<string, string>();
  readonly #texts: CellTexts;
  readonly #links: Map<string, string>;
  readonly #asked: ReadonlySet<string>;
  readonly #reading: Reading;
  readonly #inline = new StringText();
  #isInData = false;
  #row = 0;
  #lastRow = 0;
  #column = 0;
  #cells: ColumnCell[] = [];
  #isInOrder = true;
  #cell: Attributes | null = null;
  #formula: Attributes | null = null;
  #formulaText = '';
  #value = '';
  #headerOrFooter = '';
  #into: 'value' | 'formula' | 'inline' | 'headerOrFooter' | null = null;

  /**
   * @param links addresses by the places of their cells; those that are put out are taken from it
   * @param asked places of cells whose texts are kept
   */
  constructor(book: Workbook, links: Map<string, string>, asked: ReadonlySet<string>, reading: Reading) {
    this.#texts = new CellTexts(book, reading);
    this.#links = links;
    this.#asked = asked;
    this.#reading = reading;
  }

  open(name: string, attributes: Attributes): void {
    if (!this.#isInData) {
      // Drawings and controls have rows and columns of their own.
      this.#isInData = name === 'sheetData';
      if (HEADER_OR_FOOTER.test(name)) this.#into = 'headerOrFooter';
      if (name === 'picture') this.hasBackground = true;
      return;
    }
    if (this.#cell === null) {
      if (name === 'c') this.#openCell(attributes);
      else if (name === 'row') this.#openRow(attributes);
    } else if (name === 'v') this.#into = 'value';
    else if (name === 'f') {
      this.#into = 'formula';
      this.#formula = attributes;
    } else if (name === 'is') this.#into = 'inline';
    else if (this.#into === 'inline') this.#inline.open(name, attributes);
  }

  text(piece: string): void {
    if (this.#into === 'value') this.#value += piece;
    else if (this.#into === 'inline') this.#inline.text(piece);
    else if (this.#into === 'formula') this.#formulaText += piece;
    else if (this.#into === 'headerOrFooter') this.#headerOrFooter += piece;
  }

  close(name: string): void {
    if (this.#cell !== null) {
      if (name === 'c') this.#closeCell(this.#cell);
      else if (name === 'v' || name === 'f' || name === 'is') this.#into = null;
      else if (this.#into === 'inline') this.#inline.close(name);
    } else if (this.#into === 'headerOrFooter') this.#closeHeaderOrFooter(name);
    else if (name === 'row') this.#closeRow();
    else if (name === 'sheetData') {
      this.#closeRow();
      this.#isInData = false;
    }
  }

  #openRow({ r }: Attributes): void {
    this.#row = rowNumber(r, this.#row);
    this.#column = 0;
  }

  #openCell(attributes: Attributes): void {
    this.#cell = attributes;
    this.#column = columnNumber(attributes['r'], this.#column);
  }

  #closeCell(attributes: Attributes): void {
    const place = attributes['r'] ?? cellReference(this.#column, this.#row);
    const formula = this.#formula === null ? null : { attributes: this.#formula, text: this.#formulaText };
    const value = this.#texts.of({ place, attributes, value: this.#value, inline: this.#inline.take(), formula });
    this.#cell = null;
    this.#formula = null;
    this.#formulaText = '';
    this.#value = '';
    if (this.#asked.has(place)) this.texts.set(place, value);
    const address = this.#links.get(place);
    this.#links.delete(place);
    const text = address === undefined ? value : linked(value, address);
    if (text === '') return;
    if ((this.#cells.at(-1)?.column ?? 0) >= this.#column) this.#isInOrder = false;
    this.#cells.push({ column: this.#column, text: this.#reading.put(text) });
  }

  #closeHeaderOrFooter(name: string): void {
    this.headersAndFooters.set(name, this.#headerOrFooter);
    this.#headerOrFooter = '';
    this.#into = null;
  }

  #closeRow(): void {
    if (this.#cells.length === 0) return;
    if (this.lines.length > 0 && this.#row !== this.#lastRow + 1) this.lines.push('');
    this.#lastRow = this.#row;
    this.lines.push(this.#line());
    this.#cells = [];
    this.#isInOrder = true;
  }

  #line(): string {
    const cells = this.#isInOrder ? this.#cells : inOrder(this.#cells);
    let line = '';
    let before = 1;
    for (const { column, text } of cells) {
      line += this.#reading.put(','.repeat(column - before)) + csvCell(text);
      before = column;
    }
    return line;
  }
}

/** By their columns. Two cells at one place, which Excel never writes, become one. */
function inOrder(cells: readonly ColumnCell[]): readonly ColumnCell[] {
  const texts = new Map<number, string>();
  for (const { column, text } of cells) {
    const before = texts.get(column);
    texts.set(column, before === undefined ? text : `${before} ${text}`);
  }
  return [...texts].map(([column, text]) => ({ column, text })).toSorted((one, other) => one.column - other.column);
}

/** Excel's own limits. */
const LAST_ROW = 1_048_576;
const LAST_COLUMN = 16_384;

/** The number of a row as it is written; `before`: of the one before, which one without a number follows. */
function rowNumber(written: string | undefined, before: number): number {
  const row = written === undefined ? before + 1 : Number(written);
  if (!(row >= 1 && row <= LAST_ROW)) throw misplaced();
  return row;
}

/** The number of the column of a cell (`B7`: 2), as `rowNumber`. */
function columnNumber(written: string | undefined, before: number): number {
  let column = written === undefined ? before + 1 : 0;
  if (written !== undefined) {
    let at = 0;
    for (; at < written.length; at += 1) {
      const letter = written.charCodeAt(at) - 64;
      if (letter < 1 || letter > 26) break;
      column = column * 26 + letter;
    }
    rowNumber(written.slice(at), 0);
  }
  if (!(column >= 1 && column <= LAST_COLUMN)) throw misplaced();
  return column;
}

function misplaced(): RefusalError {
  return new RefusalError('broken-document', 'It has a cell where no workbook has one. Save it again.');
}
