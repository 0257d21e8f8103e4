import { getOrInsertComputed } from '../../../lib/collections.ts';
import { type NumberFormat, numberFormat } from '../ooxml/number-formats.ts';
import { type Relation, targetsOf } from '../ooxml/ooxml.ts';
import { isSymbolFont } from '../symbols.ts';
import {
  type Attributes,
  attribute,
  childElements,
  elementsNamed,
  missingPart,
  parseXml,
  scanXml,
  textOf,
  type XmlElement,
} from '../xml.ts';
import type { Archive } from '../zip.ts';
import { type SharedStrings, sharedStrings } from './strings.ts';

/** What cells refer to. */
export interface Workbook {
  readonly strings: SharedStrings;
  readonly formats: CellFormats;
  /** Values of cells that older versions of Excel do not know, by the numbers that cells name. */
  readonly richValues: ReadonlyMap<string, RichValue>;
  /** Whether the 0 of a formula may mean that the program which wrote it left the calculation to Excel. */
  readonly isUncalculated: boolean;
}

/** `relations`: of the main part, whose root is `main`. */
export function workbookOf(archive: Archive, relations: readonly Relation[], main: XmlElement): Workbook {
  const pathOf = (type: string): string => targetsOf(relations, type)[0] ?? '';
  const isTrue = (name: string, flag: string): boolean =>
    elementsNamed(main, name).some((element) => /^(?:1|true)$/.test(attribute(element, flag) ?? ''));
  return {
    strings: sharedStrings(archive, pathOf('sharedStrings')),
    formats: new CellFormats(archive, pathOf('styles'), isTrue('workbookPr', 'date1904')),
    richValues: richValues(archive, relations),
    isUncalculated: isTrue('calcPr', 'fullCalcOnLoad'),
  };
}

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
class CellFormats {
  readonly is1904: boolean;
  readonly #codes = new Map<number, string>();
  readonly #byId = new Map<number, NumberFormat>();
  /** The number of the format of each style. */
  readonly #ids: number[] = [];
  /** Of each style whose font has other signs than letters, its name. */
  readonly #symbolFonts = new Map<string, string>();

  /** `path`: where the styles lie; empty: there are none. `is1904`: days are counted from January 1, 1904. */
  constructor(archive: Archive, path: string, is1904: boolean) {
    this.is1904 = is1904;
    // Looks of tables and conditions define formats of their own below the same names.
    const fonts: string[] = [];
    let list = '';
    const open = (name: string, attributes: Attributes): void => {
      if (name === 'numFmts' || name === 'fonts' || name === 'cellXfs') list = name;
      else if (name === 'font' && list === 'fonts') fonts.push('');
      else if (name === 'name' && list === 'fonts') fonts[fonts.length - 1] = attributes['val'] ?? '';
      else if (name === 'numFmt' && list === 'numFmts')
        this.#codes.set(Number(attributes['numFmtId']), attributes['formatCode'] ?? '');
      else if (name === 'xf' && list === 'cellXfs') {
        const font = fonts[Number(attributes['fontId'])] ?? '';
        if (isSymbolFont(font)) this.#symbolFonts.set(String(this.#ids.length), font);
        this.#ids.push(Number(attributes['numFmtId'] ?? 0));
      }
    };
    const close = (name: string): void => {
      if (name === list) list = '';
    };
    const isThere = scanXml(archive, path, { open, close, text: () => {} });
    // Without them, dates would be numbers.
    if (!isThere && path !== '') throw missingPart(path);
  }

  /** The font of the cells of a style if its signs are no letters. */
  symbolFontOf(style: string): string | undefined {
    return this.#symbolFonts.get(style);
  }

  of(style: string): NumberFormat {
    const id = this.#ids[Number(style)] ?? 0;
    return getOrInsertComputed(this.#byId, id, () =>
      numberFormat(this.#codes.get(id) ?? BUILT_IN.get(id) ?? 'General'),
    );
  }
}

/** A value that older versions of Excel do not know: to them, its cell has the error `#VALUE!`. */
interface RichValue {
  readonly kind: 'picture' | 'text';
  /** Of a picture, its description; empty if there is none. */
  readonly text: string;
}

/** Errors that Excel 2007 did not have, by their numbers (MS-XLSX). */
const ERRORS: ReadonlyMap<string, string> = new Map([
  ['8', '#SPILL!'],
  ['9', '#CONNECT!'],
  ['10', '#BLOCKED!'],
  ['11', '#UNKNOWN!'],
  ['12', '#FIELD!'],
  ['13', '#CALC!'],
]);

/** Pictures in cells, stocks and places with their names, newer errors: by the number that such a cell names (its `vm`). */
function richValues(archive: Archive, workbook: readonly Relation[]): ReadonlyMap<string, RichValue> {
  const part = (type: string): XmlElement | null => {
    const path = workbook.find((relation) => relation.type.toLowerCase() === type)?.target;
    return path === undefined ? null : parseXml(archive, path);
  };
  const found = new Map<string, RichValue>();
  const metadata = part('sheetmetadata');
  const values = metadata === null ? null : part('rdrichvalue');
  const structures = values === null ? null : part('rdrichvaluestructure');
  if (metadata === null || values === null || structures === null) return found;
  const shapes = childElements(structures, 's');
  const rich = childElements(values, 'rv');
  const links = elementsNamed(metadata, 'futureMetadata')
    .filter((list) => attribute(list, 'name') === 'XLRICHVALUE')
    .flatMap((list) => childElements(list, 'bk'))
    .map((block) => elementsNamed(block, 'rvb')[0]);
  const named = elementsNamed(metadata, 'valueMetadata').flatMap((list) => childElements(list, 'bk'));
  for (const [index, block] of named.entries()) {
    const [record] = elementsNamed(block, 'rc');
    const value = rich[numberOf(links[numberOf(record, 'v')], 'i')];
    const shape = shapes[numberOf(value, 's')];
    const known = value === undefined || shape === undefined ? undefined : richValue(value, shape);
    if (known !== undefined) found.set(String(index + 1), known);
  }
  return found;
}

/** `shape`: the names of what is in the value. Undefined: it is of a kind that is not known. */
function richValue(value: XmlElement, shape: XmlElement): RichValue | undefined {
  const inside = new Map(
    childElements(shape, 'k').map((key, index) => [
      attribute(key, 'n') ?? '',
      textOf(childElements(value, 'v')[index]).trim(),
    ]),
  );
  const type = attribute(shape, 't') ?? '';
  if (/image/i.test(type)) return { kind: 'picture', text: inside.get('Text') ?? '' };
  const text = type === '_error' ? ERRORS.get(inside.get('errorType') ?? '') : inside.get('_DisplayString');
  return text === undefined || text === '' ? undefined : { kind: 'text', text };
}

function numberOf(element: XmlElement | undefined, name: string): number {
  return Number(attribute(element, name) ?? -1);
}
