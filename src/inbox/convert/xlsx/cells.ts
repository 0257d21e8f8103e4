import { type CellFormats, shownIsoDate, shownNumber } from '../ooxml/number-formats.ts';
import type { Relation } from '../ooxml/ooxml.ts';
import type { Reading } from '../reading.ts';
import { attribute, childElements, elementsNamed, parseXml, textOf, type XmlElement } from '../xml.ts';
import type { Archive } from '../zip.ts';
import { unescaped } from './strings.ts';

type Attributes = Readonly<Record<string, string>>;

/** What cells refer to. */
export interface Workbook {
  readonly strings: readonly string[];
  readonly formats: CellFormats;
  /** Descriptions of pictures that are values of cells, by the numbers that cells name. */
  readonly pictures: ReadonlyMap<string, string>;
  /** Whether the 0 of a formula may mean that the program which wrote it left the calculation to Excel. */
  readonly isUncalculated: boolean;
}

/** A cell as it is stored. */
export interface StoredCell {
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
    const stored = cell.inline === '' ? this.#stored(cell) : cell.inline;
    if (cell.formula === null) return stored;
    const formula = this.#fullFormula(cell.formula, cell.place);
    const isZero = cell.value.trim() === '0' && !/^[bs]$/.test(cell.attributes['t'] ?? 'n');
    const isCalculated = stored === '' ? cell.attributes['t'] === 'str' : !isZero || !this.#book.isUncalculated;
    if (!isCalculated) return formula ?? this.#reading.leave('formula');
    const address = /^=HYPERLINK\(\s*"(?<address>[^"]*)"\s*[,)]/i.exec(formula ?? '')?.groups?.['address'];
    return address === undefined ? stored : linked(stored, address);
  }

  #stored({ attributes: { t = 'n', s, vm }, value }: StoredCell): string {
    switch (t) {
      case 's':
        if (value.trim() === '') return '';
        return this.#book.strings[Number(value)] ?? this.#reading.leave('damaged cell');
      case 'str':
      case 'inlineStr':
        return unescaped(value);
      case 'e':
        return this.#picture(vm) ?? value;
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

  #picture(number: string | undefined): string | undefined {
    const description = this.#book.pictures.get(number ?? '');
    if (description === undefined) return undefined;
    return description === '' ? this.#reading.leave('picture') : `[Picture: ${description}]`;
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
  return bare(text) === bare(address) ? text : `${text} (${address})`;
}

function bare(address: string): string {
  return address
    .trim()
    .replace(/^(?:mailto:|https?:\/\/)/i, '')
    .replace(/\/$/, '');
}

/**
 * Pictures that lie in cells as their values, by the number that such a cell names (its `vm`): each with its description,
 * empty if there is none. For older versions of Excel, such a cell also has the error `#VALUE!`.
 */
export function cellPictures(archive: Archive, workbook: readonly Relation[]): ReadonlyMap<string, string> {
  const part = (type: string): XmlElement | null => {
    const path = workbook.find((relation) => relation.type.toLowerCase() === type)?.target;
    return path === undefined ? null : parseXml(archive, path);
  };
  const pictures = new Map<string, string>();
  const metadata = part('sheetmetadata');
  const values = metadata === null ? null : part('rdrichvalue');
  const structures = values === null ? null : part('rdrichvaluestructure');
  if (metadata === null || values === null || structures === null) return pictures;
  const shapes = childElements(structures, 's');
  const rich = childElements(values, 'rv');
  const links = elementsNamed(metadata, 'futureMetadata')
    .filter((list) => attribute(list, 'name') === 'XLRICHVALUE')
    .flatMap((list) => childElements(list, 'bk'))
    .map((block) => elementsNamed(block, 'rvb')[0]);
  const named = elementsNamed(metadata, 'valueMetadata').flatMap((list) => childElements(list, 'bk'));
  for (const [index, block] of named.entries()) {
    const [record] = elementsNamed(block, 'rc');
    const link = links[numberOf(record, 'v')];
    const value = rich[numberOf(link, 'i')];
    const shape = shapes[numberOf(value, 's')];
    if (value === undefined || shape === undefined || !/image/i.test(attribute(shape, 't') ?? '')) continue;
    const key = childElements(shape, 'k').findIndex((element) => attribute(element, 'n') === 'Text');
    const text = childElements(value, 'v')[key];
    pictures.set(String(index + 1), text === undefined ? '' : textOf(text).trim());
  }
  return pictures;
}

function numberOf(element: XmlElement | undefined, name: string): number {
  return element === undefined ? -1 : Number(attribute(element, name) ?? -1);
}
