import type { Reading } from '../reading.ts';
import { textInSymbols } from '../symbols.ts';
import { attribute, childElements, elementsNamed, isElement, textOf, type XmlElement } from '../xml.ts';
import { codeLines, type List, listOf, writeItem } from './blocks.ts';
import { type Mark, MarkdownWriter } from './markdown-writer.ts';
import {
  isNote,
  isNoteReference,
  linkMark,
  markOf,
  noteLabels,
  type PageStyles,
  pageStyles,
  styleOf,
  type TextStyle,
} from './marks.ts';
import {
  APART,
  BLOCKS,
  CODE,
  holds,
  INLINE,
  LINES,
  LISTS,
  NO_CODE,
  type Page,
  parseHtml,
  SUP,
  UNSEEN,
} from './page.ts';
import { replacedElement } from './replaced-elements.ts';
import { writeTable } from './table.ts';

/**
 * Markdown of a page, or of a piece of one. `isXhtml`: `<script/>` is an element without content; `css`: its style
 * sheets, beside those in it.
 */
export function htmlMarkdown(html: string, reading: Reading, isXhtml = false, css = ''): string {
  const root = { name: '', attributes: {}, children: parseHtml(html, isXhtml) };
  const own = elementsNamed(root, 'style').map(textOf);
  const page = { reading, isXhtml, styles: pageStyles([css, ...own].join('\n')), labels: noteLabels(root) };
  const walker = new Walker(page, 0);
  walker.inside(root);
  return walker.out.finish();
}

/** What is the same in all of a page. */
interface Whole {
  readonly reading: Reading;
  readonly isXhtml: boolean;
  readonly styles: PageStyles;
  readonly labels: ReadonlyMap<string, string>;
}

class Walker implements Page {
  readonly out: MarkdownWriter;
  readonly #whole: Whole;
  /** Of tables in cells of tables. */
  readonly #depth: number;
  #list: List | null = null;
  #isInItem = false;
  #isCode = false;
  #isHeading = false;
  #keepsLines = false;
  #symbolFont = '';
  #isInText = false;

  constructor(whole: Whole, depth: number) {
    this.out = new MarkdownWriter(whole.reading, depth > 0);
    this.#whole = whole;
    this.#depth = depth;
  }

  inside({ children }: XmlElement): void {
    for (const child of children) {
      if (isElement(child)) this.#element(child);
      else {
        const text = this.#symbolFont === '' ? child : textInSymbols(this.#symbolFont, child);
        if (this.#keepsLines) this.#lines(text);
        else this.out.text(text);
      }
    }
  }

  insideText(html: string): void {
    // Only once, not page in page in page: each would be parsed again.
    if (this.#isInText) this.out.text(html);
    else {
      this.#isInText = true;
      this.inside({ name: '', attributes: {}, children: parseHtml(html) });
      this.#isInText = false;
    }
  }

  cell(element: XmlElement): string {
    const walker = new Walker(this.#whole, this.#depth + 1);
    walker.inside(element);
    return walker.out.finish();
  }

  #element(element: XmlElement): void {
    const { name } = element;
    if (UNSEEN.has(name)) return;
    const write = replacedElement(name);
    if (write !== undefined) write(element, this);
    else if (name === 'br') this.out.lineBreak();
    else if (name === 'hr') this.out.block(['---']);
    else if (/^h[1-6]$/.test(name)) this.#heading(element, Number(name[1]));
    else if (name === 'table') writeTable(element, this, this.#depth);
    else if (CODE.has(name)) this.#code(element);
    else if (LISTS.has(name)) this.#items(element);
    else if (name === 'li') this.#item(element);
    else if (name === 'blockquote') this.#indented(element, '> ', '> ', 2);
    else if (name === 'dd') this.#indented(element, ': ', '  ', 1);
    else if (name === 'switch') this.inside(caseOf(element));
    else this.#other(element);
  }

  /** An element that is a block, stands within a line, or is not known. */
  #other(element: XmlElement): void {
    const { name, attributes } = element;
    if (name === 'nav' && attributes['hidden'] !== undefined) return;
    const style = styleOf(element, this.#whole.styles);
    const gap = APART.has(name) ? 2 : LINES.has(name) || style.isBlock === true ? 1 : null;
    const isApart = gap === null && !INLINE.has(name) && !name.includes(':') && name !== '';
    const { out } = this;
    if (gap !== null) out.breakBlock(gap);
    if (isApart) out.space();
    if (isNote(element)) this.#noteLabel(element);
    const marks = this.#marksOf(element, style, gap !== null).map((mark) => out.open(mark));
    const [isCode, keepsLines, symbolFont] = [this.#isCode, this.#keepsLines, this.#symbolFont];
    this.#isCode ||= name === 'code';
    this.#keepsLines ||= style.keepsLines === true;
    this.#symbolFont = style.symbolFont ?? symbolFont;
    this.inside(element);
    this.#isCode = isCode;
    this.#keepsLines = keepsLines;
    this.#symbolFont = symbolFont;
    for (const mark of marks.toReversed()) out.close(mark);
    if (gap !== null) out.breakBlock(gap);
    if (isApart) out.space();
  }

  #marksOf(element: XmlElement, style: TextStyle, isBlock: boolean): readonly Mark[] {
    const raised = isNoteReference(element) && !holds(element, SUP) ? 'sup' : '';
    const styled = isBlock && style.mark !== 'del' ? '' : (style.mark ?? '');
    const marks = [...new Set([element.name, styled, raised].flatMap((name) => markOf(name) ?? []))].filter(
      ({ before }) => !this.out.isIn(before) && !this.#isPlain(before),
    );
    const link = element.name === 'a' && !this.#isCode ? linkMark(element, this.#whole.isXhtml) : null;
    return link === null ? marks : [link, ...marks];
  }

  /** Whether a mark would say nothing, or would be taken for text. */
  #isPlain(mark: string): boolean {
    return (this.#isHeading && mark === '**') || (this.#isCode && /^(?:\*\*|_|~~)$/.test(mark));
  }

  #noteLabel(note: XmlElement): void {
    const label = this.#whole.labels.get(attribute(note, 'id') ?? '') ?? '';
    if (label !== '' && !textOf(note).trimStart().startsWith(label)) this.out.text(`${label} `);
  }

  #lines(text: string): void {
    text.split(/\r\n|\r|\n/).forEach((line, index) => {
      if (index > 0) this.out.lineBreak();
      this.out.text(line);
    });
  }

  #heading(element: XmlElement, rank: number): void {
    this.out.breakBlock(2);
    this.#isHeading = true;
    if (holds(element, BLOCKS)) this.#indented(element, `${'#'.repeat(rank)} `, '', 2);
    else this.out.heading(rank, () => this.inside(element));
    this.#isHeading = false;
    this.out.breakBlock(2);
  }

  #indented(element: XmlElement, first: string, rest: string, gap: 1 | 2): void {
    this.out.breakBlock(gap);
    this.out.push(first, rest);
    this.inside(element);
    this.out.pop();
    this.out.breakBlock(gap);
  }

  #items(element: XmlElement): void {
    const [list, isInItem] = [this.#list, this.#isInItem];
    const gap = list === null ? 2 : 1;
    this.#list = listOf(element);
    this.#isInItem = false;
    // A list that stands in another, but in none of its items, belongs to the item before.
    if (list !== null && !isInItem) this.#indented(element, '  ', '  ', gap);
    else {
      this.out.breakBlock(gap);
      this.inside(element);
    }
    this.#list = list;
    this.#isInItem = isInItem;
    this.out.breakBlock(gap);
  }

  #item(element: XmlElement): void {
    const isInItem = this.#isInItem;
    this.#isInItem = true;
    writeItem(element, this.#list, this);
    this.#isInItem = isInItem;
  }

  /** Exactly as it stands; in a cell of a table, line by line. */
  #code(element: XmlElement): void {
    if (holds(element, NO_CODE)) {
      const keepsLines = this.#keepsLines;
      this.#keepsLines = true;
      this.out.breakBlock(2);
      this.inside(element);
      this.out.breakBlock(2);
      this.#keepsLines = keepsLines;
      return;
    }
    const lines = codeLines(element, this.#depth > 0);
    if (lines.length > 0) this.out.block(lines);
  }
}

/** EPUB: the same in several ways, of which one is shown. */
function caseOf(choice: XmlElement): XmlElement {
  const cases = childElements(choice, 'case');
  return (
    cases.find((candidate) => childElements(candidate, 'math').length > 0) ??
    childElements(choice, 'default')[0] ??
    cases[0] ??
    choice
  );
}
