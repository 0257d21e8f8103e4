import type { Reading } from './reading.ts';
import { csvCell } from './tables.ts';
import type { CellFormats } from './xlsx-formats.ts';
import { shownIsoDate, shownNumber } from './xlsx-numbers.ts';
import { columnNumber, placeOf, rowNumber } from './xlsx-places.ts';
import { StringText, unescaped } from './xlsx-strings.ts';
import type { XmlHandler } from './xml.ts';

type Attributes = Readonly<Record<string, string>>;

/** What cells refer to. */
export interface Workbook {
  readonly strings: readonly string[];
  readonly formats: CellFormats;
  /** Descriptions of pictures that are values of cells, by the numbers that cells name. */
  readonly pictures: ReadonlyMap<string, string>;
  /** Whether a 0 of a formula may only say that its writer does not calculate, and leaves it to Excel. */
  readonly isUncalculated: boolean;
}

interface Cell {
  readonly column: number;
  readonly text: string;
}

const MARGINS = /^(?:odd|even|first)(?:Header|Footer)$/;

/**
 * Makes CSV of a sheet as its XML is read. Numbers stay as they are stored, dates are ISO 8601, a formula without a stored
 * value is told as such. Any number of empty rows between others is one empty line. Throws a `RefusalError` for a cell at a
 * place that Excel does not have.
 */
export class SheetRows implements XmlHandler {
  readonly lines: string[] = [];
  /** Headers and footers of its printed pages as they are stored, by their names: `oddHeader`. */
  readonly margins = new Map<string, string>();
  /** Texts of the cells that were asked for, by their places. */
  readonly texts = new Map<string, string>();
  readonly #book: Workbook;
  readonly #links: Map<string, string>;
  readonly #asked: ReadonlySet<string>;
  readonly #reading: Reading;
  readonly #inline = new StringText();
  /** Formulas that other cells share, by their numbers. */
  readonly #shared = new Map<string, string>();
  #isInData = false;
  #row = 0;
  #lastRow = 0;
  #column = 0;
  #cells: Cell[] = [];
  #isInOrder = true;
  #cell: Attributes | null = null;
  #formula: Attributes | null = null;
  #formulaText = '';
  #value = '';
  #margin = '';
  #into: 'value' | 'formula' | 'inline' | 'margin' | null = null;

  /**
   * @param links addresses by the places of their cells; those that are put out are taken from it
   * @param asked places of cells whose texts are kept
   */
  constructor(book: Workbook, links: Map<string, string>, asked: ReadonlySet<string>, reading: Reading) {
    this.#book = book;
    this.#links = links;
    this.#asked = asked;
    this.#reading = reading;
  }

  open(name: string, attributes: Attributes): void {
    if (!this.#isInData) {
      // Drawings and controls have rows and columns of their own.
      this.#isInData = name === 'sheetData';
      if (MARGINS.test(name)) this.#into = 'margin';
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
    else if (this.#into === 'margin') this.#margin += piece;
  }

  close(name: string): void {
    if (this.#cell !== null) {
      if (name === 'c') this.#closeCell(this.#cell);
      else if (name === 'v' || name === 'f' || name === 'is') this.#into = null;
      else if (this.#into === 'inline') this.#inline.close(name);
    } else if (this.#into === 'margin') this.#closeMargin(name);
    else if (name === 'row') this.#closeRow();
    else if (name === 'sheetData') this.#isInData = false;
  }

  #openRow({ r }: Attributes): void {
    this.#row = rowNumber(r, this.#row);
    this.#column = 0;
  }

  #openCell(attributes: Attributes): void {
    this.#cell = attributes;
    this.#column = columnNumber(attributes['r'], this.#column);
  }

  #closeCell(cell: Attributes): void {
    const value = this.#cellText(cell);
    this.#cell = null;
    this.#formula = null;
    this.#formulaText = '';
    this.#value = '';
    const text = this.#links.size + this.#asked.size === 0 ? value : this.#atPlace(cell, value);
    if (text === '') return;
    if ((this.#cells.at(-1)?.column ?? 0) >= this.#column) this.#isInOrder = false;
    this.#cells.push({ column: this.#column, text: this.#reading.put(text) });
  }

  #cellText(cell: Attributes): string {
    const stored = this.#storedText(cell);
    if (this.#formula === null) return stored;
    const formula = this.#fullFormula(this.#formula);
    const isCalculated = stored === '' ? cell['t'] === 'str' : stored !== '0' || !this.#book.isUncalculated;
    if (!isCalculated) return formula ?? this.#reading.leave('formula');
    const address = /^=HYPERLINK\(\s*"(?<address>[^"]*)"\s*[,)]/i.exec(formula ?? '')?.groups?.['address'];
    return address === undefined ? stored : linked(stored, address);
  }

  #storedText(cell: Attributes): string {
    const inline = this.#inline.take();
    if (inline !== '') return inline;
    const value = this.#value;
    switch (cell['t']) {
      case 's':
        if (value.trim() === '') return '';
        return this.#book.strings[Number(value)] ?? this.#reading.leave('damaged cell');
      case 'str':
      case 'inlineStr':
        return unescaped(value);
      case 'e':
        return this.#picture(cell['vm']) ?? value;
      case 'b':
        return value.trim() === '1' ? 'true' : value.trim().replace('0', 'false');
      case 'd':
        return shownIsoDate(value.trim());
      default: {
        const format = cell['s'] === undefined ? undefined : this.#book.formats.of(cell['s']);
        return shownNumber(value.trim(), format, this.#book.formats.is1904);
      }
    }
  }

  #picture(number: string | undefined): string | undefined {
    const description = this.#book.pictures.get(number ?? '');
    if (description === undefined) return undefined;
    return description === '' ? this.#reading.leave('picture') : `[Picture: ${description}]`;
  }

  /**
   * With its sign of equality, and without the marks of newer functions that Excel does not show. Of one that is shared, all
   * cells but the first have the number alone.
   */
  #fullFormula({ t, si = '' }: Attributes): string | undefined {
    if (this.#formulaText === '') return this.#shared.get(si);
    const formula = `=${unescaped(this.#formulaText).replaceAll(/_xl(?:fn|ws|pm|udf)\./g, '')}`;
    if (t === 'shared') this.#shared.set(si, `${formula} (as in ${placeOf(this.#column, this.#row)})`);
    return formula;
  }

  #atPlace(cell: Attributes, value: string): string {
    const place = cell['r'] ?? placeOf(this.#column, this.#row);
    if (this.#asked.has(place)) this.texts.set(place, value);
    const address = this.#links.get(place);
    this.#links.delete(place);
    return address === undefined ? value : linked(value, address);
  }

  #closeMargin(name: string): void {
    this.margins.set(name, this.#margin);
    this.#margin = '';
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
function inOrder(cells: readonly Cell[]): readonly Cell[] {
  const texts = new Map<number, string>();
  for (const { column, text } of cells) {
    const before = texts.get(column);
    texts.set(column, before === undefined ? text : `${before} ${text}`);
  }
  return [...texts].map(([column, text]) => ({ column, text })).toSorted((one, other) => one.column - other.column);
}

/** A text with the address that it leads to, unless that is what it says. */
function linked(text: string, address: string): string {
  if (text === '' || bare(text) === bare(address)) return text === '' ? address : text;
  return `${text} (${address})`;
}

function bare(address: string): string {
  return address
    .trim()
    .replace(/^(?:mailto:|https?:\/\/)/i, '')
    .replace(/\/$/, '');
}
