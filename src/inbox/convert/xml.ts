import { Parser } from 'htmlparser2';
import { RefusalError } from './file-kind.ts';
import type { Archive } from './zip.ts';

/** By their names as they are written, with prefix. */
export type Attributes = Readonly<Record<string, string>>;

/** An element of XML or HTML. */
export interface XmlElement {
  /**
   * Without its prefix: prefixes are the writer's to choose. Of HTML: in small letters, and as it is written, as a prefix
   * has no meaning there. The `o:p` of Office is never a paragraph.
   */
  readonly name: string;
  readonly attributes: Attributes;
  readonly children: readonly XmlNode[];
}

export type XmlNode = XmlElement | string;

/** What a reader that needs no tree is told. Names are without their prefix. */
export interface XmlHandler {
  open(name: string, attributes: Attributes): void;
  /** One text may come in pieces. */
  text(text: string): void;
  close(name: string): void;
}

/** Elements within elements, at most: deeper XML is refused, deeper HTML becomes siblings in the tree. */
const DEEPEST = 500;
/** In one tree: more do not fit into memory. */
const MOST_ELEMENTS = 4_000_000;

/**
 * The root of an XML file of an archive; null if the file is not there. Entities of its own are never expanded.
 *
 * @throws RefusalError if it is damaged
 */
export function parseXml(archive: Archive, path: string): XmlElement | null {
  const text = archive.text(path);
  if (text === null) return null;
  const tree = new TreeBuilder();
  scan(text, path, tree);
  return tree.children.find(isElement) ?? null;
}

/** As `parseXml`, for a file without which there is no document. */
export function requireXml(archive: Archive, path: string): XmlElement {
  const root = parseXml(archive, path);
  if (root === null) throw missingPart(path);
  return root;
}

/** Of a part without which there is no document. */
export function missingPart(path: string): RefusalError {
  return new RefusalError('broken-document', `It has no ${path} in it. Save it again.`);
}

/** Reads an XML file of an archive without making a tree of it. Whether the file is there. */
export function scanXml(archive: Archive, path: string, handler: XmlHandler): boolean {
  const text = archive.text(path);
  if (text !== null) scan(text, path, handler);
  return text !== null;
}

/** Throws a `RefusalError` if an element is not closed: the parser would pass over it, and over what is cut off. */
function scan(text: string, path: string, handler: XmlHandler): void {
  /** Of the elements that are open, without their prefixes. */
  const open: string[] = [];
  let elements = 0;
  let isJustOpened = false;
  const parser = new Parser(
    {
      onopentag: (name, attributes) => {
        const local = localName(name);
        elements += 1;
        if (open.push(local) > DEEPEST) throw tooDeep(DEEPEST);
        isJustOpened = true;
        handler.open(local, attributes);
      },
      ontext: (piece) => {
        isJustOpened = false;
        handler.text(piece);
      },
      onclosetag: (_, isImplied) => {
        const isSelfClosed = isJustOpened && text[parser.endIndex - 1] === '/';
        if (isImplied && !isSelfClosed) throw damaged(path);
        isJustOpened = false;
        handler.close(open.pop() ?? '');
      },
    },
    { xmlMode: true },
  );
  parser.end(text);
  if (elements === 0) throw damaged(path);
}

function damaged(path: string): RefusalError {
  return new RefusalError('broken-document', `${path} in it is damaged. Save it again.`);
}

export function tooDeep(depth: number): RefusalError {
  return new RefusalError('too-complex', `It is nested more than ${depth} deep. Save it again.`);
}

const localNames = new Map<string, string>();

/** Names are few, and come by the million. */
export function localName(name: string): string {
  let local = localNames.get(name);
  if (local === undefined) {
    local = name.slice(name.indexOf(':') + 1);
    if (localNames.size < 10_000) localNames.set(name, local);
  }
  return local;
}

interface OpenElement extends XmlElement {
  readonly children: XmlNode[];
}

/** Makes a tree of what it is told. What is deeper than `DEEPEST`, as only HTML is, becomes a sibling. */
export class TreeBuilder implements XmlHandler {
  readonly children: XmlNode[] = [];
  readonly #open: OpenElement[] = [];
  /** Open elements that are too deep: what is in them becomes their sibling. */
  #flattened = 0;
  #elements = 0;
  #into: XmlNode[] = this.children;

  open(name: string, attributes: Attributes): void {
    this.#elements += 1;
    if (this.#elements > MOST_ELEMENTS)
      throw new RefusalError('too-complex', `It has more than ${MOST_ELEMENTS} elements in one part. Split it.`);
    const element: OpenElement = { name, attributes, children: [] };
    this.#into.push(element);
    if (this.#open.length >= DEEPEST) {
      this.#flattened += 1;
      return;
    }
    this.#open.push(element);
    this.#into = element.children;
  }

  text(text: string): void {
    const last = this.#into.length - 1;
    const before = this.#into[last];
    if (typeof before === 'string') this.#into[last] = before + text;
    else this.#into.push(text);
  }

  close(): void {
    if (this.#flattened > 0) {
      this.#flattened -= 1;
      return;
    }
    this.#open.pop();
    this.#into = this.#open.at(-1)?.children ?? this.children;
  }
}

/** An element that may not be there: then nothing is in it, and no caller need look first. */
export type MaybeElement = XmlElement | null | undefined;

export function isElement(node: XmlNode): node is XmlElement {
  return typeof node !== 'string';
}

/** Elements of a name, if one is given, directly in another. */
export function childElements(parent: MaybeElement, name?: string): readonly XmlElement[] {
  if (!parent) return [];
  return parent.children.filter(
    (node): node is XmlElement => isElement(node) && (name === undefined || node.name === name),
  );
}

/** The first element of a name directly in another. */
export function childElement(parent: MaybeElement, name: string): XmlElement | undefined {
  return parent?.children.find((node): node is XmlElement => isElement(node) && node.name === name);
}

/** All elements of a name below another, in the order of the document; none that lie in each other. */
export function elementsNamed(parent: MaybeElement, name: string): readonly XmlElement[] {
  const found: XmlElement[] = [];
  const collect = ({ children }: XmlElement): void => {
    for (const child of children) {
      if (!isElement(child)) continue;
      if (child.name === name) found.push(child);
      else collect(child);
    }
  };
  if (parent) collect(parent);
  return found;
}

/** The value of an attribute: the one without a prefix, else the first whatever its prefix. */
export function attribute(element: MaybeElement, name: string): string | undefined {
  return element ? (element.attributes[name] ?? prefixed(element.attributes, name)) : undefined;
}

/** The value of an attribute that has a prefix (`r:id`, whatever the prefix is). */
export function prefixedAttribute(element: XmlElement, name: string): string | undefined {
  return prefixed(element.attributes, name);
}

function prefixed(attributes: Attributes, name: string): string | undefined {
  for (const key in attributes)
    if (key.endsWith(name) && key[key.length - name.length - 1] === ':') return attributes[key];
  return undefined;
}

/** All text in an element. */
export function textOf(element: MaybeElement): string {
  return element ? element.children.map((child) => (isElement(child) ? textOf(child) : child)).join('') : '';
}
