import { repeatedLines, type Section } from '../reading.ts';
import { attribute, childElements, elementsNamed, isElement, type XmlElement, type XmlNode } from '../xml.ts';
import type { OdfStyles } from './styles.ts';
import type { OdfText } from './text.ts';

/** Frames of notes and of master pages: they repeat what stands elsewhere, or are to be filled in. */
const REPEATED = new Set(['header', 'footer', 'date-time', 'page-number', 'page']);
/** Names that a program gave. */
const NUMBERED = /^page\d+$/;

/** Slides, or pages that are drawn: each with its notes; then, once, what stands on all of them, which `masterText` reads. */
export function slideSections(
  content: XmlElement,
  masters: ReadonlyMap<string, XmlElement>,
  text: OdfText,
  masterText: OdfText,
): readonly Section[] {
  const pages = childElements(content, 'page');
  const word = content.name === 'presentation' ? 'Slide' : 'Page';
  const slides = pages.map((page, index) => {
    const given = attribute(page, 'name') ?? '';
    const name = given === '' || NUMBERED.test(given) ? `${word} ${index + 1}` : given;
    return { heading: `## ${name}`, text: slideBlocks(page, text).join('\n\n') };
  });
  const declared = declarations(content, text);
  const ofMasters = masterTexts(pages, masters, masterText);
  const shown = pages.map(
    (page) =>
      new Set([...namedBy(page, declared), ...(ofMasters.get(attribute(page, 'master-page-name') ?? '') ?? [])]),
  );
  const place = word.toLowerCase();
  const lines = repeatedLines(shown, place, `${place}s`, [...declared.values()].flat());
  // As headings: the text of a template alone is nothing to ask about.
  return [...slides, ...lines.map((heading) => ({ heading, text: '' }))];
}

function slideBlocks(page: XmlElement, text: OdfText): readonly string[] {
  return childElements(page).flatMap((element) => {
    if (element.name !== 'notes') return text.block(element).filter((block) => block.trim() !== '');
    const frames = childElements(element).filter((frame) => !REPEATED.has(attribute(frame, 'class') ?? ''));
    const notes = frames.flatMap((frame) => text.block(frame)).filter((block) => block.trim() !== '');
    return notes.length === 0 ? [] : [`Notes: ${notes.join('\n')}`];
  });
}

/** Headers, footers and dates of slides, by what slides name them with: `footer ftr1`. */
function declarations(content: XmlElement, text: OdfText): ReadonlyMap<string, readonly string[]> {
  const declared = ['header', 'footer', 'date-time'].flatMap((kind) =>
    childElements(content, `${kind}-decl`).map((declaration) => {
      const blocks = text.block(declaration).filter((block) => block.trim() !== '');
      return [`${kind} ${attribute(declaration, 'name') ?? ''}`, blocks] as const;
    }),
  );
  return new Map(declared);
}

function namedBy(page: XmlElement, declared: ReadonlyMap<string, readonly string[]>): readonly string[] {
  return ['header', 'footer', 'date-time'].flatMap(
    (kind) => declared.get(`${kind} ${attribute(page, `use-${kind}-name`) ?? ''}`) ?? [],
  );
}

/** The texts of the master pages that slides are made after, by their names; pictures of those are looks. */
function masterTexts(
  pages: readonly XmlElement[],
  masters: ReadonlyMap<string, XmlElement>,
  masterText: OdfText,
): ReadonlyMap<string, readonly string[]> {
  const names = new Set(pages.map((page) => attribute(page, 'master-page-name') ?? ''));
  const textsOf = (master: XmlElement): readonly string[] =>
    childElements(master)
      .filter((element) => element.name !== 'notes' && attribute(element, 'class') === undefined)
      .flatMap((element) => elementsNamed(element, 'p'))
      .flatMap((paragraph) => masterText.block(paragraph))
      .filter((block) => block.trim() !== '');
  return new Map(
    [...names].map((name) => {
      const master = masters.get(name);
      return [name, master === undefined ? [] : textsOf(master)];
    }),
  );
}

/** What programs put in for themselves when they print. */
const FIELDS = new Set(
  'page-number page-count page-continuation sheet-name file-name title date time print-date print-time creation-date modification-date'.split(
    ' ',
  ),
);

interface HeadersAndFooters {
  readonly headers: readonly string[];
  readonly footers: readonly string[];
}

/** The headers and footers of pages, each text once. One that has nothing but fields says nothing about the document. */
export function headersAndFooters(pages: readonly XmlElement[], text: OdfText): HeadersAndFooters {
  const linesOf = (kind: 'header' | 'footer'): readonly string[] => {
    const shown = pages.flatMap((page) => childElements(page)).filter((element) => isShown(element, kind));
    const texts = shown.map((element) => blocksOf(element, text).join('\n'));
    return [...new Set(texts)]
      .filter((line) => line !== '')
      .map((line) => `${kind === 'header' ? 'Header' : 'Footer'}: ${line}`);
  };
  return { headers: linesOf('header'), footers: linesOf('footer') };
}

/** Those of the pages that sheets are printed on. */
export function sheetHeadersAndFooters(
  spreadsheet: XmlElement,
  pages: ReadonlyMap<string, XmlElement>,
  styles: OdfStyles,
  text: OdfText,
): readonly Section[] {
  const names = childElements(spreadsheet, 'table').map(
    (table) => styles.pageOfTable(attribute(table, 'style-name') ?? '') ?? 'Default',
  );
  const used = [...new Set(names)].flatMap((name) => pages.get(name) ?? []);
  const { headers, footers } = headersAndFooters(used, text);
  // As headings: each new spreadsheet has a footer, which alone is nothing to ask about.
  return [...headers, ...footers].map((line) => ({ heading: line, text: '' }));
}

function isShown(element: XmlElement, kind: 'header' | 'footer'): boolean {
  return element.name.startsWith(kind) && attribute(element, 'display') !== 'false';
}

/** Paragraphs, also those in the left, middle and right part of what is printed with sheets. */
function blocksOf(headerOrFooter: XmlElement, text: OdfText): readonly string[] {
  return childElements(headerOrFooter)
    .flatMap((element) => (element.name.startsWith('region-') ? childElements(element) : [element]))
    .filter((element) => !isOnlyFields(element))
    .flatMap((element) => text.block(element))
    .filter((block) => block.trim() !== '');
}

function isOnlyFields(node: XmlNode): boolean {
  if (!isElement(node)) return !/[\p{L}\p{N}]/u.test(node);
  return FIELDS.has(node.name) || (node.name !== 'frame' && node.children.every(isOnlyFields));
}
