import { Drawings } from '../ooxml/drawing.ts';
import { byId, drawnLines, type Relation, relationsOf, targetsOf } from '../ooxml/ooxml.ts';
import { commentLine, type Reading, repeatedLines, type Section } from '../reading.ts';
import {
  attribute,
  childElement,
  childElements,
  elementsNamed,
  parseXml,
  prefixedAttribute,
  requireXml,
  textOf,
  type XmlElement,
} from '../xml.ts';
import type { Archive } from '../zip.ts';
import { ShapeReader } from './shapes.ts';
import { placeholderType, Templates, writtenText } from './templates.ts';

/**
 * A presentation, slide after slide, hidden ones too: titles as headings, text, tables, what is drawn, comments, and the
 * speaker's notes; then, once, what stands on all or some slides.
 */
export function pptxText(archive: Archive, path: string, main: XmlElement, reading: Reading): readonly Section[] {
  reading.uses('pptx');
  const relations = relationsOf(archive, path);
  const named = byId(relations);
  const deck = new DeckReader(archive, relations, reading);
  // Lists of sections name the slides once more.
  const ids = childElements(main, 'sldIdLst').flatMap((list) => childElements(list, 'sldId'));
  const slides = ids.map((slide, index) => {
    const part = named.get(prefixedAttribute(slide, 'id') ?? '')?.target ?? `slide ${index + 1}`;
    return { heading: `## Slide ${index + 1}`, text: deck.slide(part) };
  });
  // As headings: the text of a template alone is nothing to ask about.
  return [...slides, ...deck.shared.map((heading) => ({ heading, text: '' }))];
}

/** What pages repeat: a picture of the slide, numbers, dates, headers and footers. */
const REPEATED = /^(?:sldImg|sldNum|dt|hdr|ftr)$/;

class DeckReader {
  readonly #archive: Archive;
  readonly #reading: Reading;
  readonly #templates: Templates;
  readonly #authors: ReadonlyMap<string, string>;
  readonly #slides = new Map<string, string>();
  /** What is repeated on slides, and on pages of notes: of each that was read, its texts. */
  readonly #onSlides: ReadonlySet<string>[] = [];
  readonly #onNotes: ReadonlySet<string>[] = [];

  constructor(archive: Archive, presentation: readonly Relation[], reading: Reading) {
    this.#archive = archive;
    this.#reading = reading;
    this.#templates = new Templates(archive);
    this.#authors = commentAuthors(archive, presentation);
  }

  /** Of the slides that were read: the texts of their templates, headers and footers. */
  get shared(): readonly string[] {
    const lines = [
      ...repeatedLines(this.#onSlides, 'slide', 'slides'),
      ...repeatedLines(this.#onNotes, 'page of notes', 'pages of notes'),
    ];
    return lines.map((line) => this.#reading.put(line));
  }

  /** The text of a slide. A slide that is named again is not read again. */
  slide(path: string): string {
    const known = this.#slides.get(path);
    if (known !== undefined) return this.#reading.put(known);
    const text = this.#blocks(path).join('\n\n');
    this.#slides.set(path, text);
    return text;
  }

  #blocks(path: string): readonly string[] {
    const root = requireXml(this.#archive, path);
    const relations = relationsOf(this.#archive, path);
    const repeated = new Set(this.#templates.texts(relations));
    this.#onSlides.push(repeated);
    const shapes = new ShapeReader(relations, this.#reading, (shape) => this.#templates.listStyles(shape, relations));
    const blocks = this.#drawn(root, relations, shapes, repeated);
    const notes = this.#notes(relations);
    const comments = slideComments(this.#archive, relations, this.#authors, this.#reading);
    return [
      ...this.#behind(root),
      ...blocks,
      ...comments.map((line) => this.#reading.put(line)),
      ...(notes === '' ? [] : [`Notes: ${notes}`]),
    ];
  }

  /** `repeated`: gets what the page has in common with others. */
  #drawn(
    page: XmlElement,
    relations: readonly Relation[],
    shapes: ShapeReader,
    repeated: Set<string>,
  ): readonly string[] {
    const drawings = new Drawings(this.#archive, relations, this.#reading);
    const own = (element: XmlElement): readonly string[] | undefined => {
      const type = element.name === 'sp' ? placeholderType(element) : '';
      if (!REPEATED.test(type)) return shapes.blocks(element);
      const text = writtenText(element);
      if ((type === 'sldNum' ? /\p{L}/u : /[\p{L}\p{N}]/u).test(text)) repeated.add(text);
      return [];
    };
    return elementsNamed(page, 'spTree').flatMap((tree) => drawings.blocks(tree, own));
  }

  /** A picture that fills the slide, and controls that lie beside the shapes. */
  #behind(slide: XmlElement): readonly string[] {
    const backgrounds = elementsNamed(slide, 'bgPr').filter((looks) => childElement(looks, 'blipFill') !== undefined);
    const controls = elementsNamed(slide, 'control').length;
    return [
      ...backgrounds.map(() => this.#reading.leave('picture')),
      ...(controls === 0 ? [] : [this.#reading.leave('form control', controls)]),
    ];
  }

  #notes(slide: readonly Relation[]): string {
    const [path] = targetsOf(slide, 'notesSlide');
    if (path === undefined) return '';
    const root = parseXml(this.#archive, path);
    if (root === null) return this.#reading.leave('notes page');
    const relations = relationsOf(this.#archive, path);
    const shapes = new ShapeReader(relations, this.#reading, (shape) => elementsNamed(shape, 'lstStyle'));
    const repeated = new Set<string>();
    this.#onNotes.push(repeated);
    return this.#drawn(root, relations, shapes, repeated).join('\n');
  }
}

/** The names of those who wrote comments, by their ids. `presentation`: its relations. */
function commentAuthors(archive: Archive, presentation: readonly Relation[]): ReadonlyMap<string, string> {
  const paths = targetsOf(presentation, 'commentAuthors', 'authors');
  const authors = paths.flatMap((path) => childElements(parseXml(archive, path)));
  return new Map(authors.map((author) => [attribute(author, 'id') ?? '', attribute(author, 'name') ?? '']));
}

/** The comments on a slide, each with the replies to it. `slide`: its relations. */
function slideComments(
  archive: Archive,
  slide: readonly Relation[],
  authors: ReadonlyMap<string, string>,
  reading: Reading,
): readonly string[] {
  const roots = targetsOf(slide, 'comments').map((path) => parseXml(archive, path));
  const lines: string[] = [];
  const add = (comment: XmlElement, kind: 'Comment' | 'Reply'): void => {
    const author = authors.get(attribute(comment, 'authorId') ?? '') ?? '';
    lines.push(commentLine({ kind, author, text: textIn(comment) }));
  };
  for (const root of roots) {
    if (root === null) lines.push(reading.leave('comment'));
    for (const comment of childElements(root, 'cm')) {
      add(comment, elementsNamed(comment, 'parentCm').length > 0 ? 'Reply' : 'Comment');
      for (const reply of elementsNamed(comment, 'reply')) add(reply, 'Reply');
    }
  }
  return lines;
}

/** Older ones are plain text. */
function textIn(comment: XmlElement): string {
  const plain = childElement(comment, 'text');
  const text = plain === undefined ? drawnLines(childElement(comment, 'txBody')).join(' ') : textOf(plain);
  return text.replaceAll(/\s+/g, ' ').trim();
}
