import { getOrInsertComputed } from '../../../lib/collections.ts';
import { attribute, childElement, childElements, elementsNamed, type MaybeElement, type XmlElement } from '../xml.ts';
import { type ListStyle, listStyle } from './lists.ts';

/** Styles that are based on each other; more are a circle. */
const MOST_PARENTS = 50;

/** What the styles of an OpenDocument file say about its text. */
export class OdfStyles {
  readonly #styles = new Map<string, XmlElement>();
  readonly #lists = new Map<string, ListStyle>();
  readonly #marks = new Map<string, readonly string[]>();
  /** Of headings; null: they have no numbers. */
  readonly outline: ListStyle | null;

  /** `roots`: of the files that have styles in them; what a later one says counts. */
  constructor(roots: readonly MaybeElement[]) {
    const groups = roots.flatMap((root) =>
      childElements(root).filter(({ name }) => name === 'styles' || name === 'automatic-styles'),
    );
    let outline: ListStyle | null = null;
    for (const style of groups.flatMap((group) => childElements(group))) {
      const name = attribute(style, 'name') ?? '';
      if (style.name === 'style') this.#styles.set(styleKey(attribute(style, 'family') ?? '', name), style);
      else if (style.name === 'list-style') this.#lists.set(name, listStyle(style));
      else if (style.name === 'outline-style') outline = listStyle(style);
    }
    this.outline = outline;
  }

  list(name: string): ListStyle | undefined {
    return this.#lists.get(name);
  }

  /** How text of a style is marked: as raised, lowered, struck through. */
  marks(name: string): readonly string[] {
    return getOrInsertComputed(this.#marks, name, () => {
      const [position = '', line = 'none'] = ['text-position', 'text-line-through-style'].map((property) =>
        this.#find('text', name, (style) => propertyOf(style, 'text-properties', property)),
      );
      return [...(line === 'none' ? [] : ['~~']), ...positionMarks(position)];
    });
  }

  /** The font of text of a style, if it says one. */
  font(name: string): string | undefined {
    return this.#find('text', name, (style) => propertyOf(style, 'text-properties', 'font-name'));
  }

  /** The list that paragraphs of a style belong to; empty: to none; undefined: the style does not say. */
  listOfParagraphs(name: string): string | undefined {
    return this.#find('paragraph', name, (style) => attribute(style, 'list-style-name'));
  }

  /** The page that a table of this style is printed on. */
  pageOfTable(name: string): string | undefined {
    return this.#find('table', name, (style) => attribute(style, 'master-page-name'));
  }

  /** Whether shapes of a style are filled with a picture. */
  isPictureFill(name: string): boolean {
    return (this.#find('graphic', name, fillOf) ?? this.#find('presentation', name, fillOf)) === 'bitmap';
  }

  #find(family: string, name: string, value: (style: XmlElement) => string | undefined): string | undefined {
    let style = this.#styles.get(styleKey(family, name));
    for (let count = 0; style !== undefined && count < MOST_PARENTS; count += 1) {
      const found = value(style);
      if (found !== undefined) return found;
      style = this.#styles.get(styleKey(family, attribute(style, 'parent-style-name') ?? ''));
    }
    return undefined;
  }
}

/** `super 58%`, or how far up or down: `33% 58%`, `-8% 100%`. */
function positionMarks(position: string): readonly string[] {
  if (/^(?:super|0*\.?[1-9])/.test(position)) return ['<sup>'];
  return /^(?:sub|-)/.test(position) ? ['<sub>'] : [];
}

function fillOf(style: XmlElement): string | undefined {
  return propertyOf(style, 'graphic-properties', 'fill');
}

function propertyOf(style: XmlElement, group: string, name: string): string | undefined {
  return attribute(childElement(style, group), name);
}

function styleKey(family: string, name: string): string {
  return `${family} ${name}`;
}

/** The pages of a file, by their names, with what stands on each of them. */
export function masterPages(styles: XmlElement | null): ReadonlyMap<string, XmlElement> {
  return new Map(elementsNamed(styles, 'master-page').map((page) => [attribute(page, 'name') ?? '', page]));
}
