import { parseHtml } from '../html/page.ts';
import { cellReference } from '../numerals.ts';
import { type Relation, targetsOf } from '../ooxml/ooxml.ts';
import { commentLine, type Reading } from '../reading.ts';
import { attribute, elementsNamed, parseXml, scanXml, textOf, type XmlElement } from '../xml.ts';
import type { Archive } from '../zip.ts';
import { StringText } from './strings.ts';

/** A comment on a cell, or a reply to one. */
interface CellComment {
  /** Of its cell: `B7`. */
  readonly place: string;
  readonly kind: 'Comment' | 'Reply';
  readonly author: string;
  readonly text: string;
}

/** Names of those who wrote comments, by their ids. */
export type Persons = ReadonlyMap<string, string>;

export function personsOf(archive: Archive, workbook: readonly Relation[]): Persons {
  const persons = targetsOf(workbook, 'person').flatMap((path) => elementsNamed(parseXml(archive, path), 'person'));
  return new Map(persons.map((person) => [attribute(person, 'id') ?? '', attribute(person, 'displayName') ?? '']));
}

/** The comments on a sheet, from its relations. Those with replies are stored twice, the second time for older versions. */
export function commentsOf(archive: Archive, sheet: readonly Relation[], persons: Persons): readonly CellComment[] {
  const threads = targetsOf(sheet, 'threadedComment').flatMap((path) => threadsIn(archive, path, persons));
  const told = new Set(threads.map(({ place }) => place));
  const notes = targetsOf(sheet, 'comments').flatMap((path) => notesIn(archive, path));
  return [...notes.filter(({ place, author }) => !(told.has(place) && author.startsWith('tc='))), ...threads];
}

function threadsIn(archive: Archive, path: string, persons: Persons): readonly CellComment[] {
  return elementsNamed(parseXml(archive, path), 'threadedComment').map((comment) => ({
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

/** Characters of a cell's text that are enough to say which cell is meant. */
const MOST_OF_CELL = 60;

/** `[Comment by Ann on B7 (Total): …]`; `cell` is the text of its cell. */
export function cellCommentLine({ place, kind, author, text }: CellComment, cell: string): string {
  const named = cell.length > MOST_OF_CELL ? `${cell.slice(0, MOST_OF_CELL)}…` : cell;
  const on = named === '' ? place : `${place} (${named.replaceAll('\n', ' ')})`;
  return commentLine({ kind, author, on, text });
}

/** A form control that lies on a sheet: a box to tick, a list to choose from. */
interface FormControl {
  /** Its number as a shape, under which the drawing of the sheet has it once more. */
  readonly shape: string;
  readonly line: string;
}

/** Controls whose state is a number that the user set. */
const HAS_VALUE = /^(?:spin|scroll)$/;
const HAS_CHOICE = /^(?:drop|list)$/;
const IS_BOX = /^(?:checkbox|radio)$/;
/** Those that are text alone. */
const IS_LABEL = /^(?:button|label|gbox|editbox|text|shape|dialog)$/;

/** The form controls of a drawing in VML, which alone has their texts and states. It is seldom good XML. */
export function formControls(archive: Archive, path: string): readonly FormControl[] {
  const root = { name: '', attributes: {}, children: parseHtml(archive.text(path) ?? '', true) };
  return elementsNamed(root, 'shape').flatMap((shape) => {
    const [data] = elementsNamed(shape, 'clientdata');
    const text = data === undefined ? '' : shownAs(data, shape);
    if (data === undefined || text === '') return [];
    const place = cornerOf(textIn(data, 'anchor'));
    const number = attribute(shape, 'spid') ?? attribute(shape, 'id') ?? '';
    return [{ shape: number, line: `[Form control${place}: ${text}]` }];
  });
}

/** Its text, and what the user chose. Empty for what is no control: comments, which are read elsewhere, and pictures. */
function shownAs(data: XmlElement, shape: XmlElement): string {
  const kind = (attribute(data, 'objecttype') ?? '').toLowerCase();
  const label = textIn(shape, 'textbox').replaceAll(/\s+/g, ' ');
  if (IS_BOX.test(kind)) return `${/^[12]$/.test(textIn(data, 'checked')) ? '☒' : '☐'} ${label}`.trim();
  if (IS_LABEL.test(kind)) return label;
  if (HAS_VALUE.test(kind)) return `${label} ${textIn(data, 'val')}`.trim();
  if (!HAS_CHOICE.test(kind)) return '';
  const range = textIn(data, 'fmlarange');
  const chosen = textIn(data, 'sel');
  const choice = /^[1-9]/.test(chosen) ? `entry ${chosen}` : 'no entry';
  return `${label} ${choice}${range === '' ? '' : ` of ${range}`}`.trim();
}

function textIn(parent: XmlElement, name: string): string {
  return elementsNamed(parent, name).map(textOf).join(' ').trim();
}

/** ` at B41`, of an anchor: column, offset, row, offset, … of its corners, from 0. */
function cornerOf(anchor: string): string {
  const [column, , row] = anchor.split(',').map(Number);
  if (column === undefined || row === undefined || !(column >= 0 && row >= 0)) return '';
  return ` at ${cellReference(column + 1, row + 1)}`;
}

/** What the codes of a header or footer stand for that is not written in the workbook: a font, a date, the file's name. */
const CODES = /&(?:"[^"]*"|K(?:[0-9A-F]{6}|\d\d[+-]\d{3})|\d{1,3}|[A-Z])/gi;
const PAGES = /&[PN](?:[+-]\d+)?/gi;
const PICTURES = /&G/gi;
/** `Page # of #` is the number of a page. With more words it says something about the document. */
const WORDS_OF_PAGE = 2;

/** Lines for the headers and footers of printed pages, by the names under which they are stored. Each text stands once. */
export function headersAndFooters(
  stored: ReadonlyMap<string, string>,
  reading: Reading,
): { readonly headers: readonly string[]; readonly footers: readonly string[] } {
  const linesOf = (kind: string): readonly string[] => {
    const texts = new Set([...stored].filter(([name]) => name.endsWith(kind)).map(([, text]) => text));
    const shown = new Set([...texts].map(shownParts).filter((text) => text !== ''));
    const pictures = [...texts].reduce((sum, text) => sum + (text.match(PICTURES)?.length ?? 0), 0);
    const lines = [...shown].map((text) => `${kind}: ${text}`);
    return pictures === 0 ? lines : [...lines, reading.leave('picture', pictures)];
  };
  return { headers: linesOf('Header'), footers: linesOf('Footer') };
}

/** Its left, middle and right part. */
function shownParts(stored: string): string {
  const parts = stored.replaceAll('&&', '\0').split(/&[LCR]/i);
  return parts.map(shownPart).filter(Boolean).join(' | ');
}

/** Empty if it has nothing but codes, which say nothing about the document. */
function shownPart(part: string): string {
  const numbered = part.replaceAll(PAGES, '#');
  const text = numbered.replaceAll(CODES, '').replaceAll('\0', '&').replaceAll(/\s+/g, ' ').trim();
  const words = text.match(/[\p{L}\p{N}]+/gu)?.length ?? 0;
  return words > (numbered === part ? 0 : WORDS_OF_PAGE) ? text : '';
}
