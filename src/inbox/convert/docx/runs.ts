import type { Drawings } from '../ooxml/drawing.ts';
import { formulaOf } from '../ooxml/math.ts';
import { alternativeOf, inOneLine, isOn, type Relation } from '../ooxml/ooxml.ts';
import type { Reading } from '../reading.ts';
import { isSymbolFont, symbolText, textInSymbols } from '../symbols.ts';
import { attribute, childElement, isElement, prefixedAttribute, type XmlElement } from '../xml.ts';
import { Fields } from './fields.ts';
import type { StyledLine } from './styled-line.ts';
import { runLooks, type Styles, SUBSCRIPT, SUPERSCRIPT, valueIn } from './styles.ts';

/** One part of a document (its body, a header, its notes), and what is read with it. */
export interface DocumentPart {
  readonly reading: Reading;
  readonly styles: Styles;
  readonly relations: ReadonlyMap<string, Relation>;
  readonly drawings: Drawings;
  /** What stands where a footnote or an endnote is referred to: `[^1]`. `hasSign`: its author gave it a sign. */
  note(kind: string, id: string, hasSign: boolean): string;
  /** What stands where a comment is referred to; empty: it was there before. */
  comment(id: string): string;
  /** The blocks of a box with text in it. */
  box(content: XmlElement): readonly string[];
  /** Another document that was put in, by the id of its relation. */
  inserted(id: string): string;
}

/** Neither text nor around any: properties, what was deleted, and the codes of fields. */
const SKIPPED = new Set(
  'pPr rPr sdtPr sdtEndPr rubyPr smartTagPr customXmlPr del delText delInstrText moveFrom fldData'.split(' '),
);

const SIGNS = new Map([
  ['tab', '\t'],
  ['ptab', '\t'],
  ['br', '\n'],
  ['cr', '\n'],
  ['noBreakHyphen', '\u2011'],
]);

/** Reads what stands in paragraphs. One reader reads all paragraphs of a text: fields may go on from one to the next. */
export class Runs {
  readonly #part: DocumentPart;
  readonly #fields: Fields;
  /** How high or low the last run stands, in half points. */
  #position = 0;

  constructor(part: DocumentPart) {
    this.#part = part;
    this.#fields = new Fields(part.reading);
  }

  /** Adds what is in an element to a line. `looks`: of what is around it. */
  read(parent: XmlElement, line: StyledLine, looks = 0, font = ''): void {
    for (const child of parent.children) if (isElement(child)) this.#element(child, line, looks, font);
  }

  #element(element: XmlElement, line: StyledLine, looks: number, font: string): void {
    switch (element.name) {
      case 't':
        line.add(shownText(element, font), looks);
        break;
      case 'r':
        this.#run(element, line, looks);
        break;
      case 'sym':
        line.add(this.#symbol(element), looks);
        break;
      case 'fldChar':
        this.#fields.mark(element, line);
        break;
      case 'instrText':
        this.#fields.code(textIn(element));
        break;
      case 'footnoteReference':
      case 'endnoteReference':
        line.add(this.#note(element));
        break;
      case 'commentReference':
        line.aside(this.#part.comment(attribute(element, 'id') ?? ''));
        break;
      case 'subDoc':
        line.aside(this.#part.reading.leave('linked document'));
        break;
      case 'hyperlink':
        this.#link(element, line, looks);
        break;
      case 'sdt':
        this.#control(element, line, looks);
        break;
      case 'ruby':
        this.#ruby(element, line, looks);
        break;
      case 'oMath':
        line.formula(formulaOf(element));
        break;
      case 'drawing':
      case 'pict':
      case 'object':
        this.#drawing(element, line);
        break;
      case 'AlternateContent':
        this.read(alternativeOf(element), line, looks, font);
        break;
      default: {
        const sign = SIGNS.get(element.name);
        if (sign !== undefined) line.add(sign, looks);
        else if (!SKIPPED.has(element.name)) this.read(element, line, looks, font);
      }
    }
  }

  #run(run: XmlElement, line: StyledLine, around: number): void {
    const properties = childElement(run, 'rPr');
    const before = this.#position;
    this.#position = properties === undefined ? 0 : Number(valueIn(properties, 'position') ?? 0);
    if (properties === undefined) {
      this.read(run, line, around);
      return;
    }
    const style = valueIn(properties, 'rStyle');
    const own = runLooks(properties, style === undefined ? around : around | this.#part.styles.run(style));
    const looks = before === 0 && isMovedNumber(run, line.last, this.#position) ? own | movedLook(this.#position) : own;
    const fonts = childElement(properties, 'rFonts');
    const font = attribute(fonts, 'ascii') ?? attribute(fonts, 'hAnsi') ?? '';
    this.read(run, line, looks, isSymbolFont(font) ? font : '');
  }

  #note(reference: XmlElement): string {
    const hasSign = isOn(attribute(reference, 'customMarkFollows') ?? '0');
    return this.#part.note(reference.name.replace('Reference', ''), attribute(reference, 'id') ?? '', hasSign);
  }

  #symbol(element: XmlElement): string {
    const code = Number.parseInt(attribute(element, 'char') ?? '', 16);
    return symbolText(attribute(element, 'font') ?? '', code, this.#part.reading);
  }

  #link(element: XmlElement, line: StyledLine, looks: number): void {
    const place = line.end;
    this.read(element, line, looks);
    const relation = this.#part.relations.get(prefixedAttribute(element, 'id') ?? '');
    if (relation === undefined || !relation.isExternal) return;
    const anchor = attribute(element, 'anchor');
    line.link(place, this.#part.reading.put(anchor === undefined ? relation.target : `${relation.target}#${anchor}`));
  }

  /** A content control. */
  #control(element: XmlElement, line: StyledLine, looks: number): void {
    const box = childElement(childElement(element, 'sdtPr'), 'checkbox');
    if (box === undefined) this.read(element, line, looks);
    else line.add(isOn(valueIn(box, 'checked') ?? '0') ? '☒' : '☐');
  }

  /** Signs with their pronunciation, which stands above them. */
  #ruby(element: XmlElement, line: StyledLine, looks: number): void {
    const [base, above] = [childElement(element, 'rubyBase'), childElement(element, 'rt')];
    if (base !== undefined) this.read(base, line, looks);
    if (above === undefined) return;
    line.add('(', looks);
    this.read(above, line, looks);
    line.add(')', looks);
  }

  /** What is said in one line stands where the drawing does; other blocks come after the paragraph. */
  #drawing(element: XmlElement, line: StyledLine): void {
    const around = { name: '', attributes: {}, children: [element] };
    const blocks = this.#part.drawings.blocks(around, (inner) => {
      if (inner.name === 'txbxContent') return this.#part.box(inner);
      return SKIPPED.has(inner.name) ? [] : undefined;
    });
    for (const block of blocks) {
      if (ASIDES.test(block)) line.aside(block);
      else line.after.push(block);
    }
  }
}

/** Less is for the looks. In half points. */
const LEAST_MOVED = 3;

/** Whether a run is a number that is moved up or down behind a word: the 2 of m². */
function isMovedNumber(run: XmlElement, last: string, position: number): boolean {
  if (Math.abs(position) < LEAST_MOVED || !/[\p{L}\p{N})\]]/u.test(last)) return false;
  const text = childElement(run, 't');
  return text !== undefined && /^\d{1,3}[+−-]?$/.test(textIn(text));
}

function movedLook(position: number): number {
  return position > 0 ? SUPERSCRIPT : SUBSCRIPT;
}

const ASIDES = /^\[(?:Picture: |Left out: )[^\n]*\]$/;

function textIn(element: XmlElement): string {
  return element.children.filter((child) => typeof child === 'string').join('');
}

/** The lines of the file are no lines of the text. */
function shownText(element: XmlElement, font: string): string {
  const text = textIn(element);
  const shown = text.includes('\n')
    ? (/^\s/.test(text) ? ' ' : '') + inOneLine(text) + (/\s$/.test(text.slice(-1)) ? ' ' : '')
    : text;
  return font === '' ? shown : textInSymbols(font, shown);
}
