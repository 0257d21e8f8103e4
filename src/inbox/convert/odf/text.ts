import { isOutside } from '../line.ts';
import type { Reading } from '../reading.ts';
import { markdownTable, nestedTable } from '../tables.ts';
import { attribute, childElement, childElements, elementsNamed, textOf, type XmlElement } from '../xml.ts';
import { controlText, described, mediaKind, pictureText } from './drawing.ts';
import { type BlockReader, hasText, InlineReader, isDrawn, SKIPPED } from './inline.ts';
import { type CountedList, itemMark, ListNumbers, listStyle, wholeNumber } from './lists.ts';
import type { OdfStyles } from './styles.ts';
import { type CellBudget, tableTexts } from './tables.ts';

/** Of these, `described` tells. */
const DESCRIPTIONS = new Set(['title', 'desc']);
/** The ways to show what is in a frame; the first is meant, the others are for programs that cannot show it. */
const SHOWN = new Set(['object', 'object-ole', 'image', 'text-box', 'table', 'plugin', 'applet', 'floating-frame']);
const BULLETS = listStyle(null);
/** Markdown has no more. */
const MOST_HEADING_LEVELS = 6;

interface OdfTextSettings {
  readonly styles: OdfStyles;
  readonly reading: Reading;
  readonly budget: CellBudget;
  readonly controls: ReadonlyMap<string, XmlElement>;
  /** The blocks of a document in this one; null if it cannot be read. */
  readonly embedded: (object: XmlElement) => readonly string[] | null;
}

/** Makes Markdown of the text of an OpenDocument file. */
export class OdfText implements BlockReader {
  readonly #settings: OdfTextSettings;
  readonly #numbers = new ListNumbers();
  /** By their marks. */
  readonly #notes = new Map<string, string>();
  readonly #inline: InlineReader;
  /** Tables around what is read. */
  #tables = 0;

  constructor(settings: OdfTextSettings) {
    this.#settings = settings;
    this.#inline = new InlineReader(settings.styles, this);
  }

  /** The foot- and endnotes of what was read. */
  get notes(): readonly string[] {
    return [...this.#notes].map(([mark, text]) => `[^${mark}]: ${text}`);
  }

  /** Paragraphs, lists, tables, and what is drawn, of what is in an element; none are blank. */
  blocks(parent: XmlElement): readonly string[] {
    return childElements(parent)
      .filter(({ name }) => !DESCRIPTIONS.has(name))
      .flatMap((element) => this.block(element))
      .filter((block) => block.trim() !== '');
  }

  block(element: XmlElement): readonly string[] {
    const { name } = element;
    if (SKIPPED.has(name)) return [];
    if (isDrawn(name)) return this.drawing(element);
    switch (name) {
      case 'h':
        return this.#heading(element, null);
      case 'p':
        return this.#paragraph(element);
      case 'list': {
        const lines: string[] = [];
        this.#list(element, null, '', lines);
        return [lines.join('\n').replace(/^\n+/, '').trimEnd()];
      }
      case 'numbered-paragraph':
        return this.#numberedParagraph(element);
      case 'table':
        return this.#table(element);
      case 'annotation':
        return [this.comment(element)];
      case 'a':
        return this.#linked(element);
      case 'section':
        return this.#section(element);
      default:
        return hasText(element) ? this.#paragraph(element) : this.blocks(element);
    }
  }

  /** Shapes that lead somewhere. */
  #linked(link: XmlElement): readonly string[] {
    const address = attribute(link, 'href') ?? '';
    return [...this.blocks(link), ...(isOutside(address) ? [`[Link: ${address}]`] : [])];
  }

  /** What another file holds may stand in this one, or not. */
  #section(section: XmlElement): readonly string[] {
    const blocks = this.blocks(section);
    const isElsewhere = blocks.length === 0 && childElement(section, 'section-source') !== undefined;
    return isElsewhere ? [this.#settings.reading.leave('linked document')] : blocks;
  }

  /** `number`: the one that the list around it gives; null: headings count themselves. */
  #heading(heading: XmlElement, number: string | null): readonly string[] {
    const { styles } = this.#settings;
    const level = Math.min(10, Math.max(1, wholeNumber(attribute(heading, 'outline-level'), 1)));
    const isNumbered =
      attribute(heading, 'is-list-header') !== 'true' &&
      styles.listOfParagraphs(attribute(heading, 'style-name') ?? '') !== '';
    const own = styles.outline !== null && isNumbered ? this.#numbers.ofHeading(heading, styles.outline, level) : '';
    // Without an outline style, some programs write down what they showed.
    const shown = number ?? (own || textOf(childElement(heading, 'number')).trim());
    const [text = '', ...after] = this.#paragraph(heading);
    if (text.trim() === '') return after;
    const words = [shown, text.replaceAll('\n', ' ').trim()].filter((word) => word !== '').join(' ');
    // In a table, a line that begins with # is no heading.
    return [this.#tables > 0 ? words : `${'#'.repeat(Math.min(MOST_HEADING_LEVELS, level))} ${words}`, ...after];
  }

  /** Its text, and the blocks of what is drawn beside it. */
  #paragraph(paragraph: XmlElement): readonly string[] {
    const { text, after } = this.#inline.read(paragraph);
    return [this.#settings.reading.put(text), ...after];
  }

  #list(list: XmlElement, outer: CountedList | null, indent: string, lines: string[]): void {
    const { styles } = this.#settings;
    const name = attribute(list, 'style-name') ?? outer?.styleName ?? styles.listOfParagraphs(firstStyle(list)) ?? '';
    const open = this.#numbers.open(list, outer, name, styles.list(name) ?? BULLETS);
    for (const item of childElements(list)) {
      if (item.name === 'list') this.#list(item, open, `${indent}  `, lines);
      else this.#item(item, this.#overridden(item, open), indent, lines);
    }
  }

  #overridden(item: XmlElement, open: CountedList): CountedList {
    const style = this.#settings.styles.list(attribute(item, 'style-override') ?? '');
    return style === undefined ? open : { ...open, style };
  }

  #item(item: XmlElement, open: CountedList, indent: string, lines: string[]): void {
    const mark = itemMark(item, open);
    // A list without a style is how older programs wrote headings.
    const number = open.style === BULLETS ? null : mark.replace(/^-.*/, '');
    let lead = mark === '' ? '' : `${mark} `;
    for (const child of childElements(item)) {
      if (child.name === 'list') {
        this.#list(child, open, `${indent}  `, lines);
        continue;
      }
      const isHeading = child.name === 'h';
      for (const block of isHeading ? this.#heading(child, number) : this.block(child)) {
        if (block.trim() === '') continue;
        if (isHeading) lines.push('', block, '');
        else lines.push(`${indent}${lead}${block.replaceAll('\n', `\n${indent}  `)}`);
        lead = lead === '' ? '' : '  ';
      }
    }
  }

  #numberedParagraph(paragraph: XmlElement): readonly string[] {
    const { styles } = this.#settings;
    const style = styles.list(attribute(paragraph, 'style-name') ?? '') ?? BULLETS;
    const mark = this.#numbers.ofParagraph(paragraph, style);
    const heading = childElement(paragraph, 'h');
    if (heading !== undefined) return this.#heading(heading, mark);
    const [first = '', ...after] = this.blocks(paragraph);
    return [`${mark} ${first}`.trim(), ...after];
  }

  #table(table: XmlElement): readonly string[] {
    const { budget, reading } = this.#settings;
    const words = ['title', 'desc']
      .flatMap((name) => childElements(table, name))
      .flatMap((said) => this.#paragraph(said));
    this.#tables += 1;
    const texts = tableTexts(table, budget, reading, (cell) => this.blocks(cell).join('\n'));
    this.#tables -= 1;
    const [first = []] = texts;
    if (texts.length === 1 && first.length === 1) return [...words, first[0] ?? ''];
    return [...words, this.#tables > 0 ? nestedTable(texts) : markdownTable(texts)];
  }

  /** `[Comment by Ann: …]`. `on`: what it is on, where that is not clear. */
  comment(annotation: XmlElement, on = ''): string {
    const author = childElements(annotation, 'creator').flatMap((creator) => this.#paragraph(creator));
    const by = author.length === 0 ? '' : ` by ${author.join(' ')}`;
    const said = childElements(annotation).filter(({ name }) => name === 'p' || name === 'list');
    const words = said.flatMap((block) => this.block(block)).join(' ');
    return `[Comment${by}${on}: ${words.trim()}]`;
  }

  /** A frame with what is in it, or a shape with its text. */
  drawing(element: XmlElement): readonly string[] {
    const { reading, styles, controls } = this.#settings;
    if (element.name === 'control') {
      const control = controls.get(attribute(element, 'control') ?? '');
      return control === undefined ? [reading.leave('form control')] : [controlText(control, reading).trim()];
    }
    if (element.name === 'frame') return this.#frame(element);
    const isPicture = element.name !== 'g' && styles.isPictureFill(attribute(element, 'style-name') ?? '');
    return [...(isPicture ? [pictureText(element, reading)] : described(element)), ...this.blocks(element)];
  }

  #frame(frame: XmlElement): readonly string[] {
    const { reading, embedded } = this.#settings;
    const content = childElements(frame).find(({ name }) => SHOWN.has(name)) ?? frame;
    switch (content.name) {
      case 'object':
        return [...described(frame), ...(embedded(content) ?? [reading.leave('embedded object')])];
      case 'object-ole':
      case 'applet':
      case 'floating-frame':
        return [...described(frame), reading.leave('embedded object')];
      case 'plugin':
        return [...described(frame), reading.leave(mediaKind(content))];
      case 'image':
        return [pictureText(frame, reading), ...this.blocks(content)];
      default: {
        const blocks = this.blocks(frame);
        const isTitle = attribute(frame, 'class') === 'title' && blocks.length > 0;
        return [...described(frame), ...(isTitle ? [`### ${blocks.join(' ').replaceAll('\n', ' ')}`] : blocks)];
      }
    }
  }

  /** What stands in place of a foot- or endnote: the mark that the program showed. */
  note(note: XmlElement): string {
    const shown = textOf(childElement(note, 'note-citation')).trim();
    const mark = shown === '' || this.#notes.has(shown) ? `note ${this.#notes.size + 1}` : shown;
    // A note in a note comes after it.
    this.#notes.set(mark, '');
    const blocks = childElements(note, 'note-body').flatMap((body) => this.blocks(body));
    this.#notes.set(mark, blocks.join('\n'));
    return `[^${mark}]`;
  }
}

function firstStyle(list: XmlElement): string {
  const [paragraph] = elementsNamed(list, 'p');
  return attribute(paragraph, 'style-name') ?? '';
}
