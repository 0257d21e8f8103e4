import { isOutside, Line } from '../line.ts';
import { formulaOf } from '../ooxml/math.ts';
import { alternativeOf, type Relation } from '../ooxml/ooxml.ts';
import type { Reading } from '../reading.ts';
import { isSymbolFont, textInSymbols, textWithSymbols } from '../symbols.ts';
import { gridOf, markdownTable } from '../tables.ts';
import {
  attribute,
  childElement,
  childElements,
  elementsNamed,
  isElement,
  prefixedAttribute,
  type XmlElement,
} from '../xml.ts';
import { Bullets } from './bullets.ts';
import { placeholderType } from './templates.ts';

const AS_IT_IS = (text: string): string => text;

/** Reads the text of the shapes and tables of one slide, or of its notes. */
export class ShapeReader {
  readonly #relations: readonly Relation[];
  readonly #reading: Reading;
  readonly #listStyles: (shape: XmlElement) => readonly XmlElement[];
  /** The text of the run that is read, as its font shows it. */
  #shown = AS_IT_IS;

  constructor(
    relations: readonly Relation[],
    reading: Reading,
    listStyles: (shape: XmlElement) => readonly XmlElement[],
  ) {
    this.#relations = relations;
    this.#reading = reading;
    this.#listStyles = listStyles;
  }

  /** The blocks of a shape or a table; undefined: it is neither. */
  blocks(element: XmlElement): readonly string[] | undefined {
    if (element.name === 'tbl') return [this.#reading.put(this.#table(element))].filter((text) => text !== '');
    if (element.name !== 'sp') return undefined;
    const [body] = elementsNamed(element, 'txBody');
    const text = this.text(body, this.#listStyles(element));
    if (text === '') return [];
    const isTitle = /^(?:ctrT|t)itle$/.test(placeholderType(element));
    const blocks = [isTitle ? `### ${text.replaceAll('\n', ' ')}` : text, ...this.#links(element)];
    return blocks.map((block) => this.#reading.put(block));
  }

  /** The paragraphs of a text, one below the other. */
  text(body: XmlElement | undefined, listStyles: readonly XmlElement[]): string {
    const bullets = new Bullets(listStyles);
    const lines = childElements(body, 'p').map((paragraph) => {
      const line = new Line();
      this.#read(paragraph, line);
      const text = line.text.trimEnd();
      if (text.trim() === '') return '';
      const lead = bullets.next(paragraph);
      return lead + text.replaceAll('\n', `\n${' '.repeat(lead.length)}`);
    });
    return lines.join('\n').replace(/^\n+/, '').trimEnd();
  }

  #table(table: XmlElement): string {
    const rows = childElements(table, 'tr').map((row) => childElements(row, 'tc'));
    // Cells that are covered by others stand there too, unless the program that wrote the file did not know.
    const isCovered = rows.flat().some((cell) => COVERED.some((name) => attribute(cell, name) !== undefined));
    const texts = gridOf(
      rows.map((row) =>
        row.map((cell) => {
          const bodies = childElements(cell, 'txBody');
          const text = bodies.map((body) => this.text(body, elementsNamed(body, 'lstStyle'))).join('\n');
          return isCovered ? { text } : { text, columns: spanOf(cell, 'gridSpan'), rows: spanOf(cell, 'rowSpan') };
        }),
      ),
    );
    const [first = []] = texts;
    return texts.length === 1 && first.length === 1 ? (first[0] ?? '') : markdownTable(texts);
  }

  #read(parent: XmlElement, line: Line): void {
    for (const child of parent.children) if (isElement(child)) this.#element(child, line);
  }

  #element(element: XmlElement, line: Line): void {
    switch (element.name) {
      case 'r':
      case 'fld':
        this.#run(element, line);
        return;
      case 't':
        for (const text of element.children) if (!isElement(text)) line.put(this.#shown(text));
        return;
      case 'br':
        line.put('\n');
        return;
      case 'oMath':
        line.put(formulaOf(element));
        return;
      case 'AlternateContent':
        this.#read(alternativeOf(element), line);
        return;
      case 'pPr':
      case 'rPr':
      case 'endParaRPr':
        return;
      default:
        this.#read(element, line);
    }
  }

  #run(run: XmlElement, line: Line): void {
    const looks = childElement(run, 'rPr');
    this.#shown = shownIn(looks);
    const read = (): void => line.markAll(marksOf(looks), () => this.#read(run, line));
    const link = childElement(looks, 'hlinkClick');
    if (link === undefined) read();
    else line.link(this.#address(prefixedAttribute(link, 'id')), read);
    this.#shown = AS_IT_IS;
  }

  /** Where a click on the whole shape leads. */
  #links(shape: XmlElement): readonly string[] {
    const links = elementsNamed(shape, 'cNvPr').flatMap((properties) => childElements(properties, 'hlinkClick'));
    const addresses = links.map((link) => this.#address(prefixedAttribute(link, 'id')));
    return addresses.filter(isOutside).map((address) => `[Link: ${address}]`);
  }

  #address(id: string | undefined): string {
    return this.#relations.find((relation) => relation.isExternal && relation.id === id)?.target ?? '';
  }
}

const COVERED = ['hMerge', 'vMerge'] as const;

/** How many columns or rows a cell is wide or high. */
function spanOf(cell: XmlElement, name: 'gridSpan' | 'rowSpan'): number {
  return Math.max(1, Math.trunc(Number(attribute(cell, name) ?? 1)) || 1);
}

function marksOf(looks: XmlElement | undefined): readonly string[] {
  const marks: string[] = [];
  const raised = Number(attribute(looks, 'baseline')?.replace('%', '') ?? 0);
  if (/^(?:sng|dbl)Strike$/.test(attribute(looks, 'strike') ?? '')) marks.push('~~');
  if (raised > 0) marks.push('<sup>');
  if (raised < 0) marks.push('<sub>');
  return marks;
}

/** How text is shown in the font of a run; `a:sym` is only for signs that other fonts do not have. */
function shownIn(looks: XmlElement | undefined): (text: string) => string {
  const [letters = '', signs = ''] = ['latin', 'sym'].map((name) => attribute(childElement(looks, name), 'typeface'));
  if (isSymbolFont(letters)) return (text) => textInSymbols(letters, text);
  return isSymbolFont(signs) ? (text) => textWithSymbols(signs, text) : AS_IT_IS;
}
