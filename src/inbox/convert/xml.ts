import { posix } from 'node:path';
import { DOMParser, type Element, type Node, onErrorStopParsing } from '@xmldom/xmldom';
import { decodeText } from './decode-text.ts';
import { RefusalError } from './file-kind.ts';
import type { ArchiveTexts } from './zip.ts';

/** The root of an XML file of an archive; null if the file is not there. Entities of its own are never expanded. */
export function parseXml(texts: ArchiveTexts, path: string): Element | null {
  const bytes = texts.get(path);
  if (bytes === undefined) return null;
  const decoded = decodeText(bytes);
  const root = decoded.kind === 'text' ? parse(decoded.text) : null;
  if (root === null) throw new RefusalError('broken-document', `${path} in it is damaged. Save it again.`);
  return root;
}

/** As `parseXml`, for a file without which there is no document. */
export function requireXml(texts: ArchiveTexts, path: string): Element {
  const root = parseXml(texts, path);
  if (root === null) throw new RefusalError('broken-document', `It has no ${path} in it. Save it again.`);
  return root;
}

function parse(text: string): Element | null {
  try {
    return new DOMParser({ onError: onErrorStopParsing }).parseFromString(text, 'text/xml').documentElement;
  } catch {
    return null;
  }
}

const ELEMENT = 1;

/** Names are without their prefix: prefixes are the writer's to choose. */
export function childElements(parent: Node, name?: string): readonly Element[] {
  const found: Element[] = [];
  for (let node = parent.firstChild; node !== null; node = node.nextSibling)
    if (isElement(node) && (name === undefined || node.localName === name)) found.push(node);
  return found;
}

/** All elements of a name below a node, in the order of the document. */
export function elementsNamed(parent: Node, name: string): readonly Element[] {
  return childElements(parent).flatMap((element) =>
    element.localName === name ? [element] : elementsNamed(element, name),
  );
}

/** The value of an attribute, whatever its prefix; undefined if it is not there. */
export function attribute(element: Element, name: string): string | undefined {
  return Array.from(element.attributes).find((candidate) => candidate.localName === name)?.value;
}

export function isElement(node: Node): node is Element {
  return node.nodeType === ELEMENT;
}

/** What a part of an Office file refers to. */
export type Relations = readonly {
  readonly id: string;
  readonly type: string;
  /** A path in the archive. */
  readonly target: string;
}[];

/** None if the part refers to nothing. */
export function relationsOf(texts: ArchiveTexts, path: string): Relations {
  const folder = posix.dirname(path);
  const root = parseXml(texts, posix.join(folder, '_rels', `${posix.basename(path)}.rels`));
  if (root === null) return [];
  return childElements(root, 'Relationship').map((relation) => ({
    id: attribute(relation, 'Id') ?? '',
    type: attribute(relation, 'Type') ?? '',
    target: posix.resolve('/', folder, attribute(relation, 'Target') ?? '').slice(1),
  }));
}
