import { getOrInsertComputed } from '../../../lib/collections.ts';
import { type Relation, relationsOf, targetsOf } from '../ooxml/ooxml.ts';
import { attribute, childElement, elementsNamed, parseXml, textOf, type XmlElement } from '../xml.ts';
import type { Archive } from '../zip.ts';

/** A placeholder of a template, which shapes of slides fill, and how lists in it look. */
interface Placeholder {
  readonly index: string | undefined;
  readonly type: string;
  readonly styles: readonly XmlElement[];
}

/** A layout or a master: what slides or layouts are made after. */
interface SlideTemplate {
  /** Of the shapes that no slide fills. */
  readonly texts: readonly string[];
  readonly placeholders: readonly Placeholder[];
  /** How lists look in all placeholders of a kind, of a master. */
  readonly textStyles: Readonly<Record<Kind, readonly XmlElement[]>>;
}

type Kind = 'title' | 'body' | 'other';

/** The layouts and masters of a presentation. */
export class Templates {
  readonly #archive: Archive;
  readonly #read = new Map<string, SlideTemplate | null>();
  /** By the paths of layouts. */
  readonly #masters = new Map<string, SlideTemplate | null>();

  constructor(archive: Archive) {
    this.#archive = archive;
  }

  /** What stands on a slide without being in it: on its layout and master. What is to be filled in is none. */
  texts(slide: readonly Relation[]): readonly string[] {
    const [path] = targetsOf(slide, 'slideLayout');
    if (path === undefined) return [];
    return [this.#template(path), this.#masterOf(path)].flatMap((template) => template?.texts ?? []);
  }

  /** The styles of lists (`a:lstStyle`) that a shape of a slide has, its own first. `slide`: the slide's relations. */
  listStyles(shape: XmlElement, slide: readonly Relation[]): readonly XmlElement[] {
    const own = elementsNamed(shape, 'lstStyle');
    const placeholder = placeholderOf(shape);
    const [path] = targetsOf(slide, 'slideLayout');
    if (placeholder === undefined || path === undefined) return own;
    const inLayout = samePlaceholder(this.#template(path)?.placeholders ?? [], placeholderIn(shape));
    const kind = kindOf(inLayout?.type ?? placeholderType(shape));
    const master = this.#masterOf(path);
    const inMaster = master?.placeholders.find(({ type }) => kindOf(type) === kind);
    return [...own, ...(inLayout?.styles ?? []), ...(inMaster?.styles ?? []), ...(master?.textStyles[kind] ?? [])];
  }

  #masterOf(layout: string): SlideTemplate | null {
    return getOrInsertComputed(this.#masters, layout, () => {
      const [path] = targetsOf(relationsOf(this.#archive, layout), 'slideMaster');
      return path === undefined ? null : this.#template(path);
    });
  }

  #template(path: string): SlideTemplate | null {
    return getOrInsertComputed(this.#read, path, () => {
      const root = parseXml(this.#archive, path);
      return root === null ? null : templateOf(root);
    });
  }
}

function templateOf(root: XmlElement): SlideTemplate {
  const shapes = elementsNamed(root, 'sp');
  const texts = shapes
    .filter((shape) => placeholderOf(shape) === undefined)
    .map(writtenText)
    .filter((text) => /[\p{L}\p{N}]/u.test(text));
  const placeholders = shapes.filter((shape) => placeholderOf(shape) !== undefined).map(placeholderIn);
  const textStyles = {
    title: elementsNamed(root, 'titleStyle'),
    body: elementsNamed(root, 'bodyStyle'),
    other: elementsNamed(root, 'otherStyle'),
  };
  return { texts, placeholders, textStyles };
}

function placeholderIn(shape: XmlElement): Placeholder {
  return {
    index: attribute(placeholderOf(shape), 'idx'),
    type: placeholderType(shape),
    styles: elementsNamed(shape, 'lstStyle'),
  };
}

/** The one with the same index, else the first of the same type. */
function samePlaceholder(placeholders: readonly Placeholder[], { index, type }: Placeholder): Placeholder | undefined {
  return (
    placeholders.find((placeholder) => index !== undefined && placeholder.index === index) ??
    placeholders.find((placeholder) => placeholder.type === type)
  );
}

/** Which placeholder a shape fills: `p:ph`. */
function placeholderOf(shape: XmlElement): XmlElement | undefined {
  return childElement(childElement(childElement(shape, 'nvSpPr'), 'nvPr'), 'ph');
}

/** The type of the placeholder that a shape fills: `title`, `body`, `sldNum`; empty: it fills none. */
export function placeholderType(shape: XmlElement): string {
  const placeholder = placeholderOf(shape);
  return placeholder === undefined ? '' : (attribute(placeholder, 'type') ?? 'obj');
}

function kindOf(type: string): Kind {
  if (type === 'title' || type === 'ctrTitle') return 'title';
  return /^(?:dt|ftr|hdr|sldNum|sldImg)$/.test(type) ? 'other' : 'body';
}

/** The text of a shape without its fields: the number of a slide, a date. */
export function writtenText(shape: XmlElement): string {
  const lines = elementsNamed(shape, 'p').map((paragraph) =>
    elementsNamed(paragraph, 'r')
      .flatMap((run) => elementsNamed(run, 't'))
      .map(textOf)
      .join(''),
  );
  return lines
    .filter((line) => line.trim() !== '')
    .join('\n')
    .trim();
}
