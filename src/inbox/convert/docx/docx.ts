import { posix } from 'node:path';
import { getOrInsertComputed } from '../../../lib/collections.ts';
import { htmlMarkdown } from '../html/html.ts';
import { Drawings } from '../ooxml/drawing.ts';
import { byId, inOneLine, type Relation, relationsOf } from '../ooxml/ooxml.ts';
import { commentLine, type Reading, type Section } from '../reading.ts';
import type { XmlElement } from '../xml.ts';
import { attribute, childElements, elementsNamed, missingPart, parseXml, prefixedAttribute } from '../xml.ts';
import type { Archive } from '../zip.ts';
import { type Note, Notes } from './notes.ts';
import { ListCounters, ListDefinitions } from './numbering.ts';
import type { DocumentPart } from './runs.ts';
import { Story } from './story.ts';
import { Styles } from './styles.ts';

/** A Word document as Markdown: headers, the body with its notes, footers. */
export function docxText(archive: Archive, path: string, main: XmlElement, reading: Reading): readonly Section[] {
  reading.uses('docx');
  const document = new WordDocument(archive, path, main, reading);
  const body = document.story(path);
  const text = body.markdown(main);
  const notes = document.notesText();
  const sections = [
    { heading: 'Header:', text: document.headersOrFooters(body.sections, 'header') },
    { heading: null, text: [text, notes, document.commentsText()].filter((piece) => piece !== '').join('\n\n') },
    { heading: 'Footer:', text: document.headersOrFooters(body.sections, 'footer') },
  ];
  return sections.filter((section) => section.text !== '');
}

/** The parts of a document, and what they share: styles, lists, notes and comments. */
class WordDocument {
  readonly #archive: Archive;
  readonly #reading: Reading;
  readonly #relations: ReadonlyMap<string, Relation>;
  readonly #folder: string;
  readonly #styles: Styles;
  readonly #lists: ListDefinitions;
  readonly #notes: Notes;
  readonly #comments: ReadonlyMap<string, Note>;
  /** The part that holds them is named, and not there. */
  readonly #lacksComments: boolean;
  readonly #commented = new Set<string>();
  readonly #stories = new Map<string, Story>();
  readonly #inserted = new Map<string, string | null>();

  constructor(archive: Archive, path: string, main: XmlElement, reading: Reading) {
    this.#archive = archive;
    this.#reading = reading;
    this.#relations = byId(relationsOf(archive, path));
    this.#folder = posix.dirname(path);
    this.#styles = new Styles(this.#rootIfNamed('styles'));
    this.#lists = new ListDefinitions(this.#rootIfNamed('numbering'), this.#styles);
    const notes = [...this.#notesIn('footnotes', 'footnote'), ...this.#notesIn('endnotes', 'endnote')];
    // The last section, then all of the document.
    const settings = notes.length === 0 ? [] : [...elementsNamed(main, 'sectPr').slice(-1), this.#root('settings')];
    this.#notes = new Notes(notes, settings);
    this.#comments = new Map(this.#notesIn('comments', 'comment'));
    this.#lacksComments = this.#isNamed('comments') && !archive.has(this.#pathOf('comments'));
  }

  /** The reader of a part. Lists and fields of the part go on from one text in it to the next. */
  story(path: string): Story {
    const known = this.#stories.get(path);
    if (known !== undefined) return known;
    const relations = relationsOf(this.#archive, path);
    const named = byId(relations);
    const part: DocumentPart = {
      reading: this.#reading,
      styles: this.#styles,
      relations: named,
      drawings: new Drawings(this.#archive, relations, this.#reading),
      note: (kind, id, hasSign) => this.#notes.mark(`${kind} ${id}`, hasSign) ?? this.#reading.leave(kind),
      comment: (id) => (this.#lacksComments ? this.#reading.leave('comment') : this.#comment(`comment ${id}`)),
      box: (content) => [boxes.markdown(content)].filter((text) => text !== ''),
      inserted: (id) => this.#insertedDocument(named.get(id)?.target ?? ''),
    };
    const boxes = new Story(part, new ListCounters(this.#lists));
    const story = new Story(part, new ListCounters(this.#lists));
    this.#stories.set(path, story);
    return story;
  }

  notesText(): string {
    return this.#notes.texts(({ path, element }) => this.story(path).markdown(element).trim()).join('\n\n');
  }

  /** Comments to which nothing refers. */
  commentsText(): string {
    return [...this.#comments.keys()]
      .map((name) => this.#comment(name))
      .filter((text) => text !== '')
      .join('\n\n');
  }

  /** Headers or footers of all sections, each once; those that are missing are told. */
  headersOrFooters(sections: readonly XmlElement[], kind: 'header' | 'footer'): string {
    const references = sections.flatMap((section) => childElements(section, `${kind}Reference`));
    const ids = references.map((reference) => prefixedAttribute(reference, 'id'));
    const targets = new Set(ids.map((id) => this.#relations.get(id ?? '')?.target ?? ''));
    const texts = [...targets].map((path) => {
      const root = parseXml(this.#archive, path);
      return root === null ? this.#reading.leave(kind) : this.story(path).markdown(root);
    });
    return [...new Set(texts)].filter((text) => text !== '').join('\n\n');
  }

  /** Where a part lies that a document has once; some writers do not say. */
  #pathOf(type: string): string {
    return (
      [...this.#relations.values()].find((relation) => relation.type === type)?.target ??
      posix.join(this.#folder, `${type}.xml`)
    );
  }

  #root(type: string): XmlElement | null {
    return parseXml(this.#archive, this.#pathOf(type));
  }

  /** Of a part that a document may do without, but not if it names one: its headings and lists would be others. */
  #rootIfNamed(type: string): XmlElement | null {
    const root = this.#root(type);
    if (root === null && this.#isNamed(type)) throw missingPart(this.#pathOf(type));
    return root;
  }

  #isNamed(type: string): boolean {
    return [...this.#relations.values()].some((relation) => relation.type === type);
  }

  /** By their names; what separates notes from the text is none. */
  #notesIn(type: string, name: string): readonly (readonly [string, Note])[] {
    const path = this.#pathOf(type);
    return childElements(this.#root(type), name)
      .filter((element) => (attribute(element, 'type') ?? 'normal') === 'normal')
      .map((element) => [`${name} ${attribute(element, 'id') ?? ''}`, { path, element }]);
  }

  #comment(name: string): string {
    const comment = this.#comments.get(name);
    if (comment === undefined || this.#commented.has(name)) return '';
    this.#commented.add(name);
    const author = (attribute(comment.element, 'author') ?? '').trim();
    const text = inOneLine(this.story(comment.path).markdown(comment.element));
    return commentLine({ author, text });
  }

  #insertedDocument(path: string): string {
    const text = getOrInsertComputed(this.#inserted, path, () => {
      const content = /\.(?:x?html?|txt)$/i.test(path) ? this.#archive.text(path) : null;
      if (content === null || /\.txt$/i.test(path)) return content;
      return htmlMarkdown(content, this.#reading, /\.xhtml?$/i.test(path));
    });
    return text === null ? this.#reading.leave('inserted document') : this.#reading.put(text.trim());
  }
}
