import { drawnLines } from '../ooxml/ooxml.ts';
import type { Reading } from '../reading.ts';
import {
  attribute,
  childElement,
  childElements,
  elementsNamed,
  parseXml,
  type Relation,
  textOf,
  type XmlElement,
} from '../xml.ts';
import type { Archive } from '../zip.ts';

/** The names of those who wrote comments, by their ids. `presentation`: its relations. */
export function commentAuthors(archive: Archive, presentation: readonly Relation[]): ReadonlyMap<string, string> {
  const roots = targetsOf(presentation, /^(?:commentAuthors|authors)$/).flatMap(
    (path) => parseXml(archive, path) ?? [],
  );
  const authors = roots.flatMap((root) => childElements(root));
  return new Map(authors.map((author) => [attribute(author, 'id') ?? '', attribute(author, 'name') ?? '']));
}

/** The comments on a slide, each with the replies to it. `slide`: its relations. */
export function slideComments(
  archive: Archive,
  slide: readonly Relation[],
  authors: ReadonlyMap<string, string>,
  reading: Reading,
): readonly string[] {
  const roots = targetsOf(slide, /^comments$/).map((path) => parseXml(archive, path));
  const lines: string[] = [];
  const add = (comment: XmlElement, kind: string): void => {
    const author = authors.get(attribute(comment, 'authorId') ?? '') ?? '';
    lines.push(`[${kind}${author === '' ? '' : ` by ${author}`}: ${textIn(comment)}]`);
  };
  for (const root of roots) {
    if (root === null) lines.push(reading.leave('comment'));
    for (const comment of root === null ? [] : childElements(root, 'cm')) {
      add(comment, elementsNamed(comment, 'parentCm').length > 0 ? 'Reply' : 'Comment');
      for (const reply of elementsNamed(comment, 'reply')) add(reply, 'Reply');
    }
  }
  return lines;
}

/** Older ones are plain text. */
function textIn(comment: XmlElement): string {
  const plain = childElement(comment, 'text');
  const body = childElement(comment, 'txBody');
  const lines = body === undefined ? [] : drawnLines(body);
  return (plain === undefined ? lines.join(' ') : textOf(plain)).replaceAll(/\s+/g, ' ').trim();
}

function targetsOf(relations: readonly Relation[], type: RegExp): readonly string[] {
  return relations.filter((relation) => type.test(relation.type)).map(({ target }) => target);
}
