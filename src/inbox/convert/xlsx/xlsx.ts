import { Drawings } from '../ooxml/drawing.ts';
import { byId, drawnLines, type Relation, relationsOf, targetsOf } from '../ooxml/ooxml.ts';
import type { Reading, Section } from '../reading.ts';
import {
  type Attributes,
  attribute,
  childElements,
  elementsNamed,
  missingPart,
  parseXml,
  prefixedAttribute,
  scanXml,
  type XmlElement,
} from '../xml.ts';
import type { Archive } from '../zip.ts';
import {
  cellCommentLine,
  commentsOf,
  formControls,
  headersAndFooters,
  type Persons,
  personsOf,
} from './beside-cells.ts';
import { SheetRows } from './sheet.ts';
import { type Workbook, workbookOf } from './workbook.ts';

/** The sheets of a workbook, hidden ones too: rows as CSV, and below them what lies on the sheet. */
export function xlsxText(archive: Archive, path: string, main: XmlElement, reading: Reading): readonly Section[] {
  reading.uses('xlsx');
  const relations = relationsOf(archive, path);
  const named = byId(relations);
  const sheets = new SheetReader(archive, relations, main, reading);
  return elementsNamed(main, 'sheets')
    .flatMap((list) => childElements(list, 'sheet'))
    .map((sheet) => {
      const part = named.get(prefixedAttribute(sheet, 'id') ?? '')?.target;
      // Old modules of macros are listed as sheets that lie nowhere.
      const text = part === undefined ? reading.leave('sheet') : sheets.text(part);
      return { heading: `## ${attribute(sheet, 'name') ?? ''}`, text };
    });
}

class SheetReader {
  readonly #archive: Archive;
  readonly #reading: Reading;
  readonly #book: Workbook;
  readonly #persons: Persons;
  /** By their parts: a workbook may name one a million times. */
  readonly #texts = new Map<string, string>();

  constructor(archive: Archive, relations: readonly Relation[], main: XmlElement, reading: Reading) {
    this.#archive = archive;
    this.#reading = reading;
    this.#book = workbookOf(archive, relations, main);
    this.#persons = personsOf(archive, relations);
  }

  text(path: string): string {
    const known = this.#texts.get(path);
    if (known !== undefined) return this.#reading.put(known);
    const text = this.#read(path);
    this.#texts.set(path, text);
    return text;
  }

  #read(path: string): string {
    const relations = relationsOf(this.#archive, path);
    const comments = commentsOf(this.#archive, relations, this.#persons);
    const lost = ['comments', 'threadedComment']
      .flatMap((type) => targetsOf(relations, type))
      .filter((part) => !this.#archive.has(part));
    const links = this.#links(path, relations);
    const rows = new SheetRows(this.#book, links, new Set(comments.map(({ place }) => place)), this.#reading);
    if (!scanXml(this.#archive, path, rows)) throw missingPart(path);
    const { headers, footers } = headersAndFooters(rows.headersAndFooters, this.#reading);
    const below = [
      ...Array.from(links, ([place, address]) => this.#reading.put(`[Link at ${place}: ${address}]`)),
      ...comments.map((note) => this.#reading.put(cellCommentLine(note, rows.texts.get(note.place) ?? ''))),
      ...lost.map(() => this.#reading.leave('comment')),
      ...this.#drawn(relations),
      ...(rows.hasBackground ? [this.#reading.leave('picture')] : []),
      ...footers,
    ];
    return [...headers, rows.lines.join('\n'), ...below].filter((block) => block !== '').join('\n\n');
  }

  /** Addresses that cells lead to, by the places of the cells. They stand behind the rows, but are needed with them. */
  #links(path: string, relations: readonly Relation[]): Map<string, string> {
    const links = new Map<string, string>();
    const addresses = new Map(
      relations.filter(({ type }) => type === 'hyperlink').map(({ id, target }) => [id, target]),
    );
    const open = (name: string, attributes: Attributes): void => {
      if (name !== 'hyperlink') return;
      const element = { name, attributes, children: [] };
      const address = addresses.get(prefixedAttribute(element, 'id') ?? '');
      const location = attribute(element, 'location') ?? '';
      // One without an address leads to another cell.
      if (address === undefined) return;
      const [first = ''] = (attribute(element, 'ref') ?? '').split(':');
      links.set(first, location === '' ? address : `${address}#${location}`);
    };
    if (addresses.size > 0) scanXml(this.#archive, path, { open, text: () => {}, close: () => {} });
    return links;
  }

  /** Charts, text boxes, pictures, controls, and what is embedded. */
  #drawn(relations: readonly Relation[]): readonly string[] {
    const controls = targetsOf(relations, 'vmlDrawing').flatMap((path) => formControls(this.#archive, path));
    const shapes = new Set(controls.map(({ shape }) => shape));
    const drawings = targetsOf(relations, 'drawing').flatMap((path) => this.#drawing(path, shapes));
    const embedded = relations.filter(({ type }) => type === 'oleObject' || type === 'package').length;
    const unread = relations.filter(({ type }) => type === 'control').length;
    return [
      ...drawings,
      ...controls.map(({ line }) => line),
      ...(embedded === 0 ? [] : [this.#reading.leave('embedded object', embedded)]),
      ...(unread === 0 ? [] : [this.#reading.leave('form control', unread)]),
    ];
  }

  /** `controls`: shapes that stand for form controls, which are read apart. */
  #drawing(path: string, controls: ReadonlySet<string>): readonly string[] {
    const root = parseXml(this.#archive, path);
    if (root === null) return [this.#reading.leave('drawing')];
    const drawings = new Drawings(this.#archive, relationsOf(this.#archive, path), this.#reading);
    return drawings.blocks(root, (shape) => {
      if (shape.name !== 'sp') return undefined;
      const ids = elementsNamed(shape, 'compatExt').map((twin) => attribute(twin, 'spid') ?? '');
      return ids.some((id) => controls.has(id)) ? [] : drawnLines(shape);
    });
  }
}
