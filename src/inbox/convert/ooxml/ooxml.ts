import { posix } from 'node:path';
import {
  attribute,
  childElement,
  childElements,
  elementsNamed,
  isElement,
  type MaybeElement,
  parseXml,
  type XmlElement,
} from '../xml.ts';
import type { Archive } from '../zip.ts';

/** What a part of an Office file refers to. */
export interface Relation {
  readonly id: string;
  /** The last piece of its type: `image`, `header`, `officeDocument`. */
  readonly type: string;
  /** A path in the archive; of something outside, its address. */
  readonly target: string;
  readonly isExternal: boolean;
}

/** None if the part refers to nothing, or to what cannot be read. */
export function relationsOf(archive: Archive, path: string): readonly Relation[] {
  const folder = posix.dirname(path);
  const root = parseXml(archive, posix.join(folder, '_rels', `${posix.basename(path)}.rels`));
  return childElements(root, 'Relationship').map((relation) => {
    const target = attribute(relation, 'Target') ?? '';
    const isExternal = /^external$/i.test(attribute(relation, 'TargetMode') ?? '');
    return {
      id: attribute(relation, 'Id') ?? '',
      type: attribute(relation, 'Type')?.replace(/^.*\//s, '') ?? '',
      target: isExternal ? target : posix.resolve('/', folder, target.replaceAll('\\', '/')).slice(1),
      isExternal,
    };
  });
}

/** Of relations of a type, what they lead to, each once. */
export function targetsOf(relations: readonly Relation[], ...types: readonly string[]): readonly string[] {
  return [...new Set(relations.filter(({ type }) => types.includes(type)).map(({ target }) => target))];
}

/** Relations by the ids under which the part names them. */
export function byId(relations: readonly Relation[]): ReadonlyMap<string, Relation> {
  return new Map(relations.map((relation) => [relation.id, relation]));
}

/** An element that is there without a value means yes. */
export function isOn(value: string | undefined): boolean {
  return value === undefined || /^(?:1|true|on)$/i.test(value);
}

/** What newer versions show, else what older ones show instead; both say the same. */
export function alternativeOf(element: XmlElement): XmlElement {
  const choice = childElement(element, 'Choice');
  if (choice !== undefined && choice.children.some(isElement)) return choice;
  return childElement(element, 'Fallback') ?? element;
}

/** A text without its line breaks. A regular expression would take too long, or too much of V8's stack, for a million blanks. */
export function inOneLine(text: string): string {
  if (!text.includes('\n')) return text.trim();
  const lines = text.split('\n').map((line) => line.trim());
  return lines.filter((line) => line !== '').join(' ');
}

/** The text of each paragraph (`a:p`) without its looks; none are empty. */
export function drawnLines(body: MaybeElement): readonly string[] {
  return elementsNamed(body, 'p')
    .map((paragraph) => textIn(paragraph).trim())
    .filter((line) => line !== '');
}

function textIn(element: XmlElement): string {
  const pieces = element.children.map((child) => {
    if (!isElement(child)) return element.name === 't' ? child : '';
    if (child.name === 'AlternateContent') return textIn(alternativeOf(child));
    return child.name === 'br' ? '\n' : textIn(child);
  });
  return pieces.join('');
}
