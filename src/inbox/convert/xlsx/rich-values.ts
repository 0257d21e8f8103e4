import type { Relation } from '../ooxml/ooxml.ts';
import { attribute, childElements, elementsNamed, parseXml, textOf, type XmlElement } from '../xml.ts';
import type { Archive } from '../zip.ts';

/** A value that older versions of Excel do not know: to them, its cell has the error `#VALUE!`. */
export interface RichValue {
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
export function richValues(archive: Archive, workbook: readonly Relation[]): ReadonlyMap<string, RichValue> {
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
    childElements(shape, 'k').map((key, index) => {
      const text = childElements(value, 'v')[index];
      return [attribute(key, 'n') ?? '', text === undefined ? '' : textOf(text).trim()];
    }),
  );
  const type = attribute(shape, 't') ?? '';
  if (/image/i.test(type)) return { kind: 'picture', text: inside.get('Text') ?? '' };
  const text = type === '_error' ? ERRORS.get(inside.get('errorType') ?? '') : inside.get('_DisplayString');
  return text === undefined || text === '' ? undefined : { kind: 'text', text };
}

function numberOf(element: XmlElement | undefined, name: string): number {
  return element === undefined ? -1 : Number(attribute(element, name) ?? -1);
}
