import { posix } from 'node:path';
import { parseXml } from '../inbox/convert/xml.ts';
import type { Texts } from '../inbox/convert/zip.ts';
import { attribute, childElements } from './xml-elements.ts';

/** What a part of an Office file refers to. */
export type Relations = readonly {
  readonly id: string;
  readonly type: string;
  /** A path in the archive. */
  readonly target: string;
}[];

/** None where the part refers to nothing. */
export function relationsOf(texts: Texts, path: string): Relations {
  const folder = posix.dirname(path);
  const root = parseXml(texts, posix.join(folder, '_rels', `${posix.basename(path)}.rels`));
  if (root === null) return [];
  return childElements(root, 'Relationship').map((relation) => ({
    id: attribute(relation, 'Id') ?? '',
    type: attribute(relation, 'Type') ?? '',
    target: posix.resolve('/', folder, attribute(relation, 'Target') ?? '').slice(1),
  }));
}
