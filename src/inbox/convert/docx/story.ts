import { alternativeOf, inOneLine } from '../ooxml/ooxml.ts';
import { type ColumnCell, gridOfColumns, MOST_COLUMNS, markdownTable } from '../tables.ts';
import { attribute, childElement, isElement, prefixedAttribute, type XmlElement } from '../xml.ts';
import type { ListCounters } from './numbering.ts';
import { type DocumentPart, Runs } from './runs.ts';
import { StyledLine } from './styled-line.ts';
import { headingOf, levelOf, type ParagraphStyle, STRUCK, SUBSCRIPT, SUPERSCRIPT, valueIn } from './styles.ts';

/** A paragraph, a table, or what stands in a box. */
interface Block {
  readonly text: string;
  /** It belongs to a list: no empty line before the next item. */
  readonly isItem: boolean;
}

const INLINE = new Set('r t hyperlink fldSimple oMath oMathPara drawing pict object sym subDoc'.split(' '));

/** A text of a document with its paragraphs, lists and tables: the body, a header, a note. */
export class Story {
  /** Where sections end: they say which headers and footers there are. */
  readonly sections: XmlElement[] = [];
  readonly #part: DocumentPart;
  readonly #counters: ListCounters;
  readonly #runs: Runs;
  #tables = 0;
  /** The line that the next paragraph continues. */
  #carried: StyledLine | null = null;

  constructor(part: DocumentPart, counters: ListCounters) {
    this.#part = part;
    this.#counters = counters;
    this.#runs = new Runs(part);
  }

  /** What is in an element, as Markdown. */
  markdown(element: XmlElement): string {
    return joined(this.#blocks(element));
  }

  #blocks(parent: XmlElement): readonly Block[] {
    const blocks: Block[] = [];
    this.#read(parent, blocks);
    this.#endCarried(blocks);
    return blocks;
  }

  /** Ends a line that no paragraph continues. */
  #endCarried(blocks: Block[]): void {
    if (this.#carried === null) return;
    const line = this.#carried;
    this.#carried = null;
    this.#finish(line, undefined, blocks);
  }

  #read(parent: XmlElement, blocks: Block[]): void {
    // What belongs into paragraphs; some writers leave those out.
    let line: StyledLine | null = null;
    for (const child of parent.children) {
      if (!isElement(child)) continue;
      if (INLINE.has(child.name)) {
        line ??= new StyledLine();
        this.#runs.read({ name: '', attributes: {}, children: [child] }, line);
        continue;
      }
      if (line !== null) this.#finish(line, undefined, blocks);
      line = null;
      this.#element(child, blocks);
    }
    if (line !== null) this.#finish(line, undefined, blocks);
  }

  #element(element: XmlElement, blocks: Block[]): void {
    switch (element.name) {
      case 'p':
        this.#paragraph(element, blocks);
        break;
      case 'tbl':
        this.#endCarried(blocks);
        this.#table(element, blocks);
        break;
      case 'sectPr':
        this.sections.push(element);
        break;
      case 'altChunk':
        add(blocks, this.#part.inserted(prefixedAttribute(element, 'id') ?? ''));
        break;
      case 'AlternateContent':
        this.#read(alternativeOf(element), blocks);
        break;
      case 'del':
      case 'moveFrom':
      case 'sdtPr':
      case 'sdtEndPr':
      case 'tcPr':
      case 'customXmlPr':
        break;
      default:
        this.#read(element, blocks);
    }
  }

  #paragraph(paragraph: XmlElement, blocks: Block[]): void {
    const properties = childElement(paragraph, 'pPr');
    const line = this.#carried ?? new StyledLine();
    this.#carried = null;
    this.#runs.read(paragraph, line);
    const section = childElement(properties, 'sectPr');
    if (section !== undefined) this.sections.push(section);
    if (goesOn(properties)) this.#carried = line;
    else this.#finish(line, properties, blocks);
  }

  #finish(line: StyledLine, properties: XmlElement | undefined, blocks: Block[]): void {
    const style = this.#part.styles.paragraph(valueIn(properties, 'pStyle'));
    const outline = valueIn(properties, 'outlineLvl');
    const heading = outline === undefined ? style.heading : headingOf(outline);
    const item = this.#item(properties, style);
    // All paragraphs of a list count, those without text too.
    const number = item === null ? null : this.#counters.next(item.list, item.level);
    const text =
      heading === null ? withoutEnds(line.markdown()) : line.markdown(STRUCK | SUPERSCRIPT | SUBSCRIPT).trim();
    if (text.trim() !== '') {
      if (heading !== null) add(blocks, this.#part.reading.put(this.#headingText(heading, number, text)));
      else if (item === null || number === null || number === '') add(blocks, this.#part.reading.put(text));
      else {
        const indented = `${'  '.repeat(item.level)}${number} ${text.trimStart()}`;
        blocks.push({ text: this.#part.reading.put(indented), isItem: true });
      }
    }
    for (const block of line.after) add(blocks, block);
  }

  #headingText(level: number, number: string | null, text: string): string {
    const words = [number === null || number.startsWith('-') ? '' : number, inOneLine(text)];
    const heading = words.filter((word) => word !== '').join(' ');
    return this.#tables > 0 ? heading : `${'#'.repeat(Math.min(level, 6))} ${heading}`;
  }

  /** In which list a paragraph stands, and on which level of it. */
  #item(properties: XmlElement | undefined, style: ParagraphStyle): { list: string; level: number } | null {
    const own = childElement(properties, 'numPr');
    const level = levelOf(valueIn(own, 'ilvl'));
    const list = valueIn(own, 'numId');
    if (list !== undefined) return { list, level: level ?? 0 };
    if (style.numbering === null) return null;
    return { list: style.numbering.list, level: level ?? this.#counters.levelOf(style.numbering) };
  }

  #table(table: XmlElement, blocks: Block[]): void {
    const rows = rowsOf(table);
    const only = rows.length === 1 && rows[0]?.cells.length === 1 ? rows[0].cells[0] : undefined;
    if (only !== undefined) {
      blocks.push(...this.#blocks(only));
      return;
    }
    this.#tables += 1;
    const cells = rows.map(({ before, cells: row }) => this.#cells(before, row));
    this.#tables -= 1;
    const texts = gridOfColumns(cells);
    if (texts.every((row) => row.every((text) => text === ''))) return;
    // A table in a cell of another is lines in that cell.
    if (this.#tables > 0) add(blocks, texts.map((row) => row.join(' | ')).join('\n'));
    else add(blocks, markdownTable(texts));
  }

  #cells(before: number, row: readonly XmlElement[]): readonly ColumnCell[] {
    let column = before;
    return row.map((cell) => {
      const properties = childElement(cell, 'tcPr');
      const start = column;
      column += Math.max(1, numberIn(properties, 'gridSpan') || 1);
      const lines = this.#blocks(cell).map(({ text }) => text);
      return { column: start, text: lines.join('\n').trim() };
    });
  }
}

/** Without blanks at its end, and without empty lines at its begin; the first line may be indented. */
function withoutEnds(text: string): string {
  return text.trimEnd().replace(/^\s*\n/, '');
}

function add(blocks: Block[], text: string): void {
  if (text.trim() !== '') blocks.push({ text, isItem: false });
}

function joined(blocks: readonly Block[]): string {
  return blocks
    .map(({ text, isItem }, index) => {
      if (index === 0) return text;
      return (isItem && blocks[index - 1]?.isItem === true ? '\n' : '\n\n') + text;
    })
    .join('');
}

/** Whether the next paragraph continues this one: its end was deleted or moved, or it is a drop cap. */
function goesOn(properties: XmlElement | undefined): boolean {
  const mark = childElement(properties, 'rPr');
  if (mark?.children.some((child) => isElement(child) && (child.name === 'del' || child.name === 'moveFrom')) === true)
    return true;
  return /^(?:drop|margin)$/.test(attribute(childElement(properties, 'framePr'), 'dropCap') ?? '');
}

interface TableRow {
  /** Columns that are left free. */
  readonly before: number;
  readonly cells: readonly XmlElement[];
}

/** Rows that were not deleted, with their cells; both may lie in content controls. */
function rowsOf(table: XmlElement): readonly TableRow[] {
  const rows: TableRow[] = [];
  for (const row of inside(table, 'tr', new Set(['tblPr', 'tblGrid', 'del']))) {
    const properties = childElement(row, 'trPr');
    if (childElement(properties, 'del') !== undefined) continue;
    rows.push({
      before: numberIn(properties, 'gridBefore'),
      cells: inside(row, 'tc', new Set(['trPr', 'tblPrEx', 'del'])),
    });
  }
  return rows;
}

function inside(parent: XmlElement, name: string, skipped: ReadonlySet<string>): readonly XmlElement[] {
  const found: XmlElement[] = [];
  const collect = (element: XmlElement): void => {
    for (const child of (element.name === 'AlternateContent' ? alternativeOf(element) : element).children) {
      if (!isElement(child) || skipped.has(child.name)) continue;
      if (child.name === name) found.push(child);
      else collect(child);
    }
  };
  collect(parent);
  return found;
}

function numberIn(properties: XmlElement | undefined, name: string): number {
  const value = Math.trunc(Number(valueIn(properties, name)));
  return value > 0 ? Math.min(value, MOST_COLUMNS) : 0;
}
