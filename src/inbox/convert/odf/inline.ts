import { Line } from '../line.ts';
import { isSymbolFont, textInSymbols } from '../symbols.ts';
import { attribute, childElements, elementsNamed, isElement, type XmlElement } from '../xml.ts';
import { fieldText } from './drawing.ts';
import { wholeNumber } from './lists.ts';
import type { OdfStyles } from './styles.ts';

/** What is no text of the document: what was deleted, code, what indexes are made by, what programs keep. */
export const SKIPPED = new Set(
  'tracked-changes script event-listeners forms binary-data page-thumbnail number table-of-content-source illustration-index-source table-index-source object-index-source user-index-source alphabetical-index-source bibliography-source'.split(
    ' ',
  ),
);
const SHAPES = new Set(
  'custom-shape rect circle ellipse line connector polyline polygon regular-polygon path caption measure g scene'.split(
    ' ',
  ),
);
/** A picture, a formula, something that was left out. */
const TOLD = /^[[$].*$/;
/** In a row; no text has more. */
const MOST_SPACES = 1000;

/** Reads what lies in a paragraph without being its text. */
export interface BlockReader {
  block(element: XmlElement): readonly string[];
  drawing(element: XmlElement): readonly string[];
  comment(annotation: XmlElement): string;
  note(note: XmlElement): string;
}

/** Reads the text of paragraphs. */
export class InlineReader {
  readonly #styles: OdfStyles;
  readonly #blocks: BlockReader;
  /** Of the text that is read, a font whose signs are no letters. */
  #symbolFont = '';

  constructor(styles: OdfStyles, blocks: BlockReader) {
    this.#styles = styles;
    this.#blocks = blocks;
  }

  read(paragraph: XmlElement): Line {
    const line = new Line();
    this.#inline(paragraph, line);
    return line;
  }

  #inline(parent: XmlElement, line: Line): void {
    for (const node of parent.children) {
      if (isElement(node)) this.#inlineElement(node, line);
      else line.read(this.#symbolFont === '' ? node : textInSymbols(this.#symbolFont, node));
    }
  }

  #inlineElement(element: XmlElement, line: Line): void {
    const { name } = element;
    if (SKIPPED.has(name)) return;
    if (isDrawn(name)) {
      this.#inlineDrawing(element, line);
      return;
    }
    switch (name) {
      case 's':
        line.put(' '.repeat(Math.min(MOST_SPACES, Math.max(1, wholeNumber(attribute(element, 'c'), 1)))));
        return;
      case 'tab':
        line.put('\t');
        return;
      case 'line-break':
        line.put('\n');
        return;
      case 'p':
      case 'h':
      case 'list':
      case 'table':
        line.after.push(...this.#blocks.block(element));
        return;
      case 'span':
        this.#span(element, line);
        return;
      case 'a':
        this.#link(element, line);
        return;
      case 'ruby':
        this.#ruby(element, line);
        return;
      case 'note':
        line.put(this.#blocks.note(element));
        return;
      case 'annotation':
        line.put(`${line.isAfterBlank ? '' : ' '}${this.#blocks.comment(element)}`);
        return;
      case 'fieldmark':
      case 'fieldmark-start':
        line.put(fieldText(element));
        return;
      case 'hidden-text':
        line.put(attribute(element, 'string-value') ?? '');
        return;
      case 'expression':
        this.#expression(element, line);
        return;
      default:
        this.#inline(element, line);
    }
  }

  /** What is told in a few words stands in the text; boxes, charts and documents come after it. */
  #inlineDrawing(element: XmlElement, line: Line): void {
    const blocks = this.#blocks.drawing(element).filter((block) => block.trim() !== '');
    const isTold = element.name === 'control' || blocks.every((block) => TOLD.test(block));
    if (isTold && !SHAPES.has(element.name) && elementsNamed(element, 'text-box').length === 0)
      line.put(blocks.join(' '));
    else line.after.push(...blocks);
  }

  #span(span: XmlElement, line: Line): void {
    const style = attribute(span, 'style-name') ?? '';
    const before = this.#symbolFont;
    const font = this.#styles.font(style);
    if (font !== undefined) this.#symbolFont = isSymbolFont(font) ? font : '';
    line.markAll(this.#styles.marks(style), () => this.#inline(span, line));
    this.#symbolFont = before;
  }

  #link(link: XmlElement, line: Line): void {
    line.link(attribute(link, 'href') ?? '', () => this.#inline(link, line));
  }

  #ruby(ruby: XmlElement, line: Line): void {
    for (const base of childElements(ruby, 'ruby-base')) this.#inline(base, line);
    for (const guide of childElements(ruby, 'ruby-text')) line.mark('(', ')', () => this.#inline(guide, line));
  }

  /** One that was never calculated shows what it would calculate. */
  #expression(expression: XmlElement, line: Line): void {
    if (hasText(expression)) this.#inline(expression, line);
    else if (attribute(expression, 'display') !== 'none')
      line.put(`=${(attribute(expression, 'formula') ?? '').replace(/^\w+:=?/, '')}`);
  }
}

/** Frames, controls of forms, shapes. */
export function isDrawn(name: string): boolean {
  return name === 'frame' || name === 'control' || SHAPES.has(name);
}

/** Whether text stands directly in an element. */
export function hasText(element: XmlElement): boolean {
  return element.children.some((node) => !isElement(node) && /\S/.test(node));
}
