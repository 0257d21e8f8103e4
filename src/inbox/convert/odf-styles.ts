import { type ListStyle, listStyle } from './odf-lists.ts';
import { attribute, childElement, childElements, elementsNamed, type XmlElement } from './xml.ts';

/** Styles that are based on each other; more are a circle. */
const MOST_PARENTS = 50;

/** What the styles of an OpenDocument file say about its text. */
export class OdfStyles {
  readonly #styles = new Map<string, XmlElement>();
  readonly #lists = new Map<string, ListStyle>();
  readonly #positions = new Map<string, 'sup' | 'sub' | null>();
  /** Of headings; null: they have no numbers. */
  readonly outline: ListStyle | null;

  /** `roots`: of the files that have styles in them; what a later one says counts. */
  constructor(roots: readonly XmlElement[]) {
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

  /** Whether text of a style stands above the line, or below it. */
  position(name: string): 'sup' | 'sub' | null {
    let position = this.#positions.get(name);
    if (position === undefined) {
      const value = this.#find('text', name, (style) => {
        const properties = childElement(style, 'text-properties');
        return properties === undefined ? undefined : attribute(properties, 'text-position');
      });
      // `super 58%`, or how far up: `33% 58%`.
      position = /^(?:super|\+?0*\.?[1-9])/.test(value ?? '') ? 'sup' : /^(?:sub|-)/.test(value ?? '') ? 'sub' : null;
      this.#positions.set(name, position);
    }
    return position;
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
    const fill = (style: XmlElement): string | undefined => {
      const properties = childElement(style, 'graphic-properties');
      return properties === undefined ? undefined : attribute(properties, 'fill');
    };
    return (this.#find('graphic', name, fill) ?? this.#find('presentation', name, fill)) === 'bitmap';
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

function styleKey(family: string, name: string): string {
  return `${family} ${name}`;
}

/** The pages of a file, by their names, with what stands on each of them. */
export function masterPages(styles: XmlElement | null): ReadonlyMap<string, XmlElement> {
  const pages = styles === null ? [] : elementsNamed(styles, 'master-page');
  return new Map(pages.map((page) => [attribute(page, 'name') ?? '', page]));
}
