import { getOrInsertComputed } from '../../../lib/collections.ts';
import { isOn } from '../ooxml/ooxml.ts';
import { attribute, childElement, childElements, type XmlElement } from '../xml.ts';

/** The looks of a run that carry meaning; several are the sum of their values. */
export const BOLD = 1;
export const ITALIC = 2;
export const STRUCK = 4;
export const SUPERSCRIPT = 8;
export const SUBSCRIPT = 16;

/** What a paragraph's style says about numbers: which list (`numId`), and on which level of it. */
export interface StyleNumbering {
  readonly list: string;
  /** Null: the level that names the style. */
  readonly level: number | null;
  /** Of the style that says it, and of those that are based on it. */
  readonly styles: readonly string[];
}

export interface ParagraphStyle {
  /** 1 is the highest; null: it is no heading. */
  readonly heading: number | null;
  readonly numbering: StyleNumbering | null;
}

/** Styles that are based on each other, at most; people make a handful. */
const MOST_BASES = 100;

/** The styles of a document, each with what it takes over from the one that it is based on. */
export class Styles {
  readonly #styles: ReadonlyMap<string, XmlElement>;
  /** Of paragraphs that name no style. */
  readonly #usual: string;
  readonly #paragraphs = new Map<string, ParagraphStyle>();
  readonly #runs = new Map<string, number>();

  constructor(root: XmlElement | null) {
    const styles = childElements(root, 'style');
    this.#styles = new Map(styles.map((style) => [attribute(style, 'styleId') ?? '', style]));
    const usual = styles.find(
      (style) => attribute(style, 'type') === 'paragraph' && isOn(attribute(style, 'default') ?? '0'),
    );
    this.#usual = attribute(usual, 'styleId') ?? '';
  }

  paragraph(id: string | undefined): ParagraphStyle {
    const key = id ?? this.#usual;
    const read = (): ParagraphStyle => ({ heading: this.#heading(key), numbering: this.#numbering(key) });
    return getOrInsertComputed(this.#paragraphs, key, read);
  }

  /** The looks of runs in a style of characters. */
  run(id: string): number {
    return getOrInsertComputed(this.#runs, id, () =>
      this.#chain(id).reduceRight((before, style) => runLooks(childElement(style, 'rPr'), before), 0),
    );
  }

  /** The list that a style of lists stands for. */
  listOf(id: string): string | undefined {
    return this.#numbering(id)?.list;
  }

  /** A style, the one that it is based on, and so on. */
  #chain(id: string): readonly XmlElement[] {
    const chain = new Set<XmlElement>();
    for (let style = this.#styles.get(id); style !== undefined && !chain.has(style) && chain.size < MOST_BASES; ) {
      chain.add(style);
      const base = valueIn(style, 'basedOn');
      style = base === undefined ? undefined : this.#styles.get(base);
    }
    return [...chain];
  }

  #heading(id: string): number | null {
    const chain = this.#chain(id);
    // Some documents have no styles, and name those that every Word has.
    const names = chain.length === 0 ? [id] : chain.map((style) => valueIn(style, 'name') ?? '');
    for (const [index, name] of names.entries()) {
      const outline = valueIn(childElement(chain[index], 'pPr'), 'outlineLvl');
      if (outline !== undefined) return headingOf(outline);
      const level = /^heading ?([1-9])$/i.exec(name)?.[1];
      if (level !== undefined) return Number(level);
      if (/^title$/i.test(name)) return 1;
    }
    return null;
  }

  #numbering(id: string): StyleNumbering | null {
    const names: string[] = [];
    let level: number | null = null;
    for (const style of this.#chain(id)) {
      names.push(attribute(style, 'styleId') ?? '');
      const numbering = childElement(childElement(style, 'pPr'), 'numPr');
      if (numbering === undefined) continue;
      level ??= levelOf(valueIn(numbering, 'ilvl'));
      const list = valueIn(numbering, 'numId');
      if (list !== undefined) return { list, level, styles: names };
    }
    return null;
  }
}

/** The level of a heading that `outlineLvl` gives; null for body text. */
export function headingOf(outline: string): number | null {
  const level = Number(outline);
  return level >= 0 && level < 9 ? level + 1 : null;
}

/** A level of a list, from 0 to 8; null if none is given. */
export function levelOf(text: string | undefined): number | null {
  return text === undefined ? null : Math.min(Math.max(Math.trunc(Number(text)) || 0, 0), 8);
}

/** The `w:val` of an element directly in another; undefined if one of them is not there. */
export function valueIn(parent: XmlElement | undefined, name: string): string | undefined {
  return attribute(childElement(parent, name), 'val');
}

const SWITCHES: ReadonlyMap<string, number> = new Map([
  ['b', BOLD],
  ['i', ITALIC],
  ['strike', STRUCK],
  ['dstrike', STRUCK],
]);

/** `before`: the looks that these properties change. */
export function runLooks(properties: XmlElement | undefined, before: number): number {
  if (properties === undefined) return before;
  let looks = before;
  for (const property of childElements(properties)) {
    const look = SWITCHES.get(property.name);
    if (look !== undefined) looks = isOn(attribute(property, 'val')) ? looks | look : looks & ~look;
    if (property.name === 'vertAlign') {
      const place = attribute(property, 'val');
      looks &= ~(SUPERSCRIPT | SUBSCRIPT);
      if (place === 'superscript') looks |= SUPERSCRIPT;
      if (place === 'subscript') looks |= SUBSCRIPT;
    }
  }
  return looks;
}
