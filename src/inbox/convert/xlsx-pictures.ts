import type { Relation, XmlElement } from './xml.ts';
import { attribute, childElements, elementsNamed, parseXml, textOf } from './xml.ts';
import type { Archive } from './zip.ts';

/**
 * Pictures that lie in cells as their values, by the number that such a cell names (its `vm`): each with its description,
 * empty if there is none. Older versions are told that the value is an error, `#VALUE!`.
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
