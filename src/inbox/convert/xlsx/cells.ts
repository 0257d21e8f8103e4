import { bareAddress } from '../line.ts';
import { shownIsoDate, shownNumber } from '../ooxml/number-formats.ts';
import type { Reading } from '../reading.ts';
import { textInSymbols } from '../symbols.ts';
import type { Attributes } from '../xml.ts';
import { unescaped } from './strings.ts';
import type { Workbook } from './workbook.ts';

/** A cell as it is stored. */
interface StoredCell {
  /** `B7`. */
  readonly place: string;
  readonly attributes: Attributes;
  readonly value: string;
  /** A string that stands in the cell itself. */
  readonly inline: string;
  readonly formula: { readonly attributes: Attributes; readonly text: string } | null;
}

/**
 * Gives the texts of the cells of one sheet: numbers as they are stored, dates and times as ISO 8601, a formula as such if no
 * value of it is stored, the address behind a text that is a link by its formula.
 */
export class CellTexts {
  readonly #book: Workbook;
  readonly #reading: Reading;
  /** Formulas that other cells share, by their numbers. */
  readonly #shared = new Map<string, string>();

  constructor(book: Workbook, reading: Reading) {
    this.#book = book;
    this.#reading = reading;
  }

  of(cell: StoredCell): string {
    const stored = cell.inline === '' ? this.#stored(cell) : this.#inFont(cell.inline, cell.attributes);
    if (cell.formula === null) return stored;
    const formula = this.#fullFormula(cell.formula, cell.place);
    const isZero = cell.value.trim() === '0' && !/^[bs]$/.test(cell.attributes['t'] ?? 'n');
    const isCalculated = stored === '' ? cell.attributes['t'] === 'str' : !isZero || !this.#book.isUncalculated;
    if (!isCalculated) return formula ?? this.#reading.leave('formula');
    const address = /^=HYPERLINK\(\s*"(?<address>[^"]*)"\s*[,)]/i.exec(formula ?? '')?.groups?.['address'];
    return address === undefined ? stored : linked(stored, address);
  }

  #stored({ attributes, value }: StoredCell): string {
    const { t = 'n', s, vm } = attributes;
    switch (t) {
      case 's': {
        if (value.trim() === '') return '';
        const { texts, rich } = this.#book.strings;
        const text = texts[Number(value)] ?? this.#reading.leave('damaged cell');
        return rich.has(Number(value)) ? text : this.#inFont(text, attributes);
      }
      case 'str':
      case 'inlineStr':
        return this.#inFont(unescaped(value), attributes);
      case 'e':
        return this.#richValue(vm) ?? value;
      case 'b':
        return value.trim() === '1' ? 'true' : value.trim().replace('0', 'false');
      case 'd':
        return shownIsoDate(value.trim());
      default: {
        const { formats } = this.#book;
        return shownNumber(value.trim(), s === undefined ? undefined : formats.of(s), formats.is1904);
      }
    }
  }

  /** A text as the font of its cell shows it: `ü` in Wingdings is a tick. */
  #inFont(text: string, { s = '' }: Attributes): string {
    const font = this.#book.formats.symbolFontOf(s);
    return font === undefined ? text : textInSymbols(font, text);
  }

  #richValue(number: string | undefined): string | undefined {
    const value = this.#book.richValues.get(number ?? '');
    if (value?.kind !== 'picture') return value?.text;
    return value.text === '' ? this.#reading.leave('picture') : `[Picture: ${value.text}]`;
  }

  /**
   * With its sign of equality, and without the marks of newer functions that Excel does not show. Of one that is shared, all
   * cells but the first have the number alone.
   */
  #fullFormula(
    { attributes: { t, si = '' }, text }: NonNullable<StoredCell['formula']>,
    place: string,
  ): string | undefined {
    if (text === '') return this.#shared.get(si);
    const formula = `=${unescaped(text).replaceAll(/_xl(?:fn|ws|pm|udf)\./g, '')}`;
    if (t === 'shared') this.#shared.set(si, `${formula} (as in ${place})`);
    return formula;
  }
}

/** A text with the address that it leads to, unless that is what it says. */
export function linked(text: string, address: string): string {
  if (text === '') return address;
  return bareAddress(text.trim()) === bareAddress(address.trim()) ? text : `${text} (${address})`;
}
