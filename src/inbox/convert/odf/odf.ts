import { posix } from 'node:path';
import { RefusalError } from '../file-kind.ts';
import { mathText } from '../mathml.ts';
import type { Format, Reading, Section } from '../reading.ts';
import { markdownTable } from '../tables.ts';
import {
  attribute,
  childElement,
  childElements,
  elementsNamed,
  parseXml,
  requireXml,
  type XmlElement,
} from '../xml.ts';
import type { Archive } from '../zip.ts';
import { formControls } from './drawing.ts';
import { headersAndFooters, sheetHeadersAndFooters, slideSections } from './pages.ts';
import { sheetSections } from './sheets.ts';
import { masterPages, OdfStyles } from './styles.ts';
import { CellBudget, cellsOf, rowsOf } from './tables.ts';
import { OdfText } from './text.ts';

const FORMATS: Readonly<Record<string, Format>> = {
  text: 'odt',
  math: 'odt',
  spreadsheet: 'ods',
  chart: 'ods',
  presentation: 'odp',
  drawing: 'odp',
};

/** An OpenDocument text, spreadsheet, presentation, drawing, chart or formula as Markdown. */
export function odfText(archive: Archive, reading: Reading): readonly Section[] {
  const root = requireXml(archive, 'content.xml');
  const format = FORMATS[contentOf(root).name];
  if (format === undefined)
    throw new RefusalError('unsupported-type', 'It is an OpenDocument file without a text. Save what is in it as PDF.');
  reading.uses(format);
  return new OdfReader(archive, reading).sections(root, '');
}

/** The element in which the document is; for a formula, its root. */
function contentOf(root: XmlElement): XmlElement {
  return childElements(childElement(root, 'body'))[0] ?? root;
}

/** Reads a document, and those that are embedded in it. */
class OdfReader {
  readonly #archive: Archive;
  readonly #reading: Reading;
  readonly #budget = new CellBudget();
  /** What the embedded ones became, by their folders; null: nothing, or not yet. */
  readonly #embedded = new Map<string, readonly string[] | null>();

  constructor(archive: Archive, reading: Reading) {
    this.#archive = archive;
    this.#reading = reading;
  }

  /** `folder`: where its files are, in the archive. */
  sections(root: XmlElement, folder: string): readonly Section[] {
    const content = contentOf(root);
    if (content.name === 'math') return [{ heading: null, text: mathText(content) || this.#reading.leave('equation') }];
    const stylesRoot = root.name === 'document' ? root : parseXml(this.#archive, posix.join(folder, 'styles.xml'));
    const styles = new OdfStyles([stylesRoot, root]);
    const text = this.#text(styles, content, folder);
    // Master pages have styles of their own, by the same names.
    const masterText = this.#text(new OdfStyles([stylesRoot]), content, folder);
    const sections = this.#read(content, masterPages(stylesRoot), styles, text, masterText);
    return [...sections, { heading: null, text: [...text.notes, ...masterText.notes].join('\n\n') }];
  }

  #text(styles: OdfStyles, content: XmlElement, folder: string): OdfText {
    return new OdfText({
      styles,
      reading: this.#reading,
      budget: this.#budget,
      controls: formControls([content, ...childElements(content)]),
      embedded: (object) => this.#object(object, folder),
    });
  }

  #read(
    content: XmlElement,
    pages: ReadonlyMap<string, XmlElement>,
    styles: OdfStyles,
    text: OdfText,
    masterText: OdfText,
  ): readonly Section[] {
    switch (content.name) {
      case 'spreadsheet':
        return [
          ...sheetSections(content, this.#budget, text, this.#reading),
          ...sheetHeadersAndFooters(content, pages, styles, masterText),
        ];
      case 'presentation':
      case 'drawing':
        return slideSections(content, pages, text, masterText);
      case 'chart': {
        const blocks = chartBlocks(content, text) ?? [this.#reading.leave('chart')];
        return [{ heading: null, text: blocks.join('\n\n') }];
      }
      default: {
        const { headers, footers } = headersAndFooters([...pages.values()], masterText);
        const blocks = [...headers, ...text.blocks(content), ...footers];
        return [{ heading: null, text: blocks.join('\n\n') }];
      }
    }
  }

  #object(object: XmlElement, folder: string): readonly string[] | null {
    const inside = childElements(object).find(({ name }) => name === 'math' || name === 'document');
    if (inside !== undefined) return blocksOf(this.sections(inside, folder));
    const path = posix.join(folder, (attribute(object, 'href') ?? '').replace(/^#/, ''));
    const known = this.#embedded.get(path);
    if (known !== undefined) {
      for (const block of known ?? []) this.#reading.put(block);
      return known;
    }
    // Until it is read, one that has itself in it has nothing.
    this.#embedded.set(path, null);
    const root = parseXml(this.#archive, posix.join(path, 'content.xml'));
    const blocks = root === null ? null : blocksOf(this.sections(root, path));
    this.#embedded.set(path, blocks);
    return blocks;
  }
}

function blocksOf(sections: readonly Section[]): readonly string[] {
  return sections.flatMap(({ heading, text }) => [heading ?? '', text]).filter((block) => block.trim() !== '');
}

/** A chart: its titles, those of its axes, and the values that were stored when it was last drawn; null: it has none. */
function chartBlocks(content: XmlElement, text: OdfText): readonly string[] | null {
  const chart = childElement(content, 'chart') ?? content;
  const words = (parent: XmlElement, name: string): readonly string[] =>
    childElements(parent, name).map((title) => text.blocks(title).join(' '));
  const title = words(chart, 'title').join(' ');
  const axes = elementsNamed(chart, 'axis').flatMap((axis) => words(axis, 'title'));
  const tables = childElements(chart, 'table').map((table) =>
    markdownTable(rowsOf(table).map((row) => cellsOf(row).map((cell) => chartValue(cell, text)))),
  );
  const below = [
    ...words(chart, 'subtitle'),
    ...words(chart, 'footer'),
    ...(axes.length === 0 ? [] : [`Axes: ${axes.join('; ')}`]),
    ...tables,
  ].filter((block) => block !== '');
  if (title === '' && below.length === 0) return null;
  return [title === '' ? 'Chart:' : `Chart: ${title}`, ...below];
}

function chartValue(cell: XmlElement, text: OdfText): string {
  const value = attribute(cell, 'value');
  if (value !== undefined) return value === 'NaN' ? '' : value;
  return childElements(cell, 'p')
    .flatMap((paragraph) => text.block(paragraph))
    .join(' ');
}
