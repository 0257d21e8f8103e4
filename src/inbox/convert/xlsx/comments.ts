import type { Relation } from '../xml.ts';
import { attribute, elementsNamed, parseXml, scanXml, textOf } from '../xml.ts';
import type { Archive } from '../zip.ts';
import { StringText } from './strings.ts';

/** A comment on a cell, or a reply to one. */
export interface CellComment {
  /** Of its cell: `B7`. */
  readonly place: string;
  readonly kind: 'Comment' | 'Reply';
  readonly author: string;
  readonly text: string;
}

/** Names of those who wrote comments, by their ids. */
export type Persons = ReadonlyMap<string, string>;

export function personsOf(archive: Archive, workbook: readonly Relation[]): Persons {
  const roots = partsOf(workbook, 'person').map((path) => parseXml(archive, path));
  const persons = roots.flatMap((root) => (root === null ? [] : elementsNamed(root, 'person')));
  return new Map(persons.map((person) => [attribute(person, 'id') ?? '', attribute(person, 'displayName') ?? '']));
}

/** The comments on a sheet, from its relations. Those with replies are stored twice, the second time for older versions. */
export function commentsOf(archive: Archive, sheet: readonly Relation[], persons: Persons): readonly CellComment[] {
  const threads = partsOf(sheet, 'threadedComment').flatMap((path) => threadsIn(archive, path, persons));
  const told = new Set(threads.map(({ place }) => place));
  const notes = partsOf(sheet, 'comments').flatMap((path) => notesIn(archive, path));
  return [...notes.filter(({ place, author }) => !(told.has(place) && author.startsWith('tc='))), ...threads];
}

function partsOf(relations: readonly Relation[], type: string): readonly string[] {
  return [...new Set(relations.filter((relation) => relation.type === type).map(({ target }) => target))];
}

function threadsIn(archive: Archive, path: string, persons: Persons): readonly CellComment[] {
  const root = parseXml(archive, path);
  if (root === null) return [];
  return elementsNamed(root, 'threadedComment').map((comment) => ({
    place: attribute(comment, 'ref') ?? '',
    kind: attribute(comment, 'parentId') === undefined ? 'Comment' : 'Reply',
    author: persons.get(attribute(comment, 'personId') ?? '') ?? '',
    text: elementsNamed(comment, 'text').map(textOf).join('\n').trim(),
  }));
}

function notesIn(archive: Archive, path: string): readonly CellComment[] {
  const notes: CellComment[] = [];
  const authors: string[] = [];
  const string = new StringText();
  let author: string | null = null;
  let place = '';
  let writer = '';
  scanXml(archive, path, {
    open: (name, attributes) => {
      if (name === 'author') author = '';
      else if (name === 'comment') {
        place = attributes['ref'] ?? '';
        writer = authors[Number(attributes['authorId'])] ?? '';
      } else string.open(name, attributes);
    },
    text: (piece) => {
      if (author === null) string.text(piece);
      else author += piece;
    },
    close: (name) => {
      if (name === 'author') {
        authors.push((author ?? '').trim());
        author = null;
      } else if (name === 'comment') notes.push(note(place, writer, string.take().trim()));
      else string.close(name);
    },
  });
  return notes;
}

/** Excel begins a note with its author's name. */
function note(place: string, author: string, text: string): CellComment {
  const begin = `${author}:`;
  return { place, kind: 'Comment', author, text: text.startsWith(begin) ? text.slice(begin.length).trim() : text };
}

/** Of a text that says which cell is meant, so much is enough. */
const MOST_OF_CELL = 60;

/** `[Comment by Ann on B7 (Total): …]`; `cell` is the text of its cell. */
export function commentLine({ place, kind, author, text }: CellComment, cell: string): string {
  const by = author === '' ? '' : ` by ${author}`;
  const named = cell.length > MOST_OF_CELL ? `${cell.slice(0, MOST_OF_CELL)}…` : cell;
  const on = named === '' ? place : `${place} (${named.replaceAll('\n', ' ')})`;
  return `[${kind}${by} on ${on}: ${text}]`;
}
