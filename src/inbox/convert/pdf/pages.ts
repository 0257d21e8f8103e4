import { RefusalError } from '../file-kind.ts';
import type { Reading } from '../reading.ts';
import { type Annotation, annotationLines } from './annotations.ts';
import type { OpenPdf, Pdf } from './open.ts';
import { pageText, type TextItem } from './tables.ts';

/** Share of a page's characters that must be readable, at least. */
const LEAST_READ = 0.5;

/** What is read of a page. */
export interface PageReading {
  readonly text: string;
  /** What lies on the text. */
  readonly notes: string;
  /** Why there is no text; null: there is one, or nothing is known to be wrong. */
  readonly trouble: string | null;
}

export const DAMAGED = 'it is damaged';
const NO_CHARACTERS = 'its fonts do not say which characters they have';

/** One damaged page does not take the others with it. */
export async function readPage(open: OpenPdf, number: number, reading: Reading): Promise<PageReading> {
  open.isFontMissing = false;
  try {
    const page = await open.pdf.getPage(number);
    const content = await page.getTextContent();
    const annotations: readonly Annotation[] = await page.getAnnotations();
    page.cleanup();
    const { items, lost } = readableItems(content.items.filter((item: object): item is TextItem => 'str' in item));
    const text = joinScripts(pageText(withScripts(items))).trim();
    const notes = reading.put(annotationLines(annotations, reading).join('\n'));
    const isRead = lost === 0 || lengthOf(text) >= (lengthOf(text) + lost) * LEAST_READ;
    if (text === '' || !isRead)
      return { text: '', notes, trouble: lost > 0 || open.isFontMissing ? NO_CHARACTERS : null };
    const told = [
      reading.nameUnreadable(text),
      lost === 0 ? '' : reading.leave('unreadable character', lost),
      open.isFontMissing ? reading.leave('unreadable font') : '',
    ];
    return { text: reading.put(told.filter((piece) => piece !== '').join('\n\n')), notes, trouble: null };
  } catch (error) {
    if (error instanceof RefusalError) throw error;
    return { text: '', notes: '', trouble: DAMAGED };
  }
}

/** What fonts without a table of characters give: numbers of glyphs, which no text has as characters. */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const NO_CHARACTER = /[\0-\x08\x0B\x0E-\x1F\x7F-\x84\x86-\x9F\uFFFD\uFFFF]/g;
/** Share of a font's characters. With more of them, none of its characters can be trusted; with fewer, a glyph has none. */
const MOST_WITHOUT = 0.05;

interface Readable {
  readonly items: readonly TextItem[];
  /** Characters of fonts that do not say what they stand for. */
  readonly lost: number;
}

/** The texts of a page without those of fonts that cannot be read. A single shape without a character is U+FFFD. */
function readableItems(items: readonly TextItem[]): Readable {
  const fonts = new Map<string, { all: number; without: number }>();
  for (const { str, fontName } of items) {
    const counts = fonts.get(fontName) ?? { all: 0, without: 0 };
    fonts.set(fontName, counts);
    counts.all += lengthOf(str);
    counts.without += str.match(NO_CHARACTER)?.length ?? 0;
  }
  let lost = 0;
  const readable = items.map((item) => {
    const { all, without } = fonts.get(item.fontName) ?? { all: 0, without: 0 };
    if (without === 0) return item;
    if (without <= all * MOST_WITHOUT) return { ...item, str: item.str.replaceAll(NO_CHARACTER, '\u{FFFD}') };
    lost += lengthOf(item.str);
    return { ...item, str: '' };
  });
  return { items: readable, lost };
}

/** Without blanks. */
function lengthOf(text: string): number {
  return text.replaceAll(/\s+/g, '').length;
}

/** In heights of the letters beside which a text stands: how much smaller it is, how far above or below, and how near. */
const SMALLEST = 0.45;
const LARGEST = 0.87;
const LEAST_ABOVE = 0.2;
const MOST_ABOVE = 0.7;
const LEAST_BELOW = 0.08;
const MOST_BELOW = 0.4;
const NEAR = 0.35;
/** Powers, indexes, charges, marks of notes, endings of ordinals: others may be the beginning of a text beside a large letter. */
const SCRIPT = /^(?:[+\-−–]?[\d.,;/–-]{1,8}[+\-−]?|[+\-−–*†‡§#]{1,3}|\(?\p{L}\)?|st|nd|rd|th)$/u;

/** Numbers of notes and powers are marked, and stand on the line: `10<sup>6</sup>` would else read 106. */
function withScripts(items: readonly TextItem[]): readonly TextItem[] {
  let base: TextItem | null = null;
  let right = 0;
  return items.map((item) => {
    let marked = item;
    if (item.str.trim() !== '') {
      const mark = base === null ? null : scriptOf(item, base, right);
      if (base === null || mark === null) base = item;
      else marked = onLine(item, mark, base);
      right = (item.transform[4] ?? 0) + item.width;
    }
    if (item.hasEOL) base = null;
    return marked;
  });
}

/** The pieces of one that was written in several, as one. */
function joinScripts(text: string): string {
  return text.replaceAll(/<\/(su[bp])><\1>/g, '');
}

type Script = 'sup' | 'sub';

function scriptOf(item: TextItem, base: TextItem, right: number): Script | null {
  const [height, baseHeight] = [heightOf(item), heightOf(base)];
  if (!(isUpright(item) && isUpright(base) && SCRIPT.test(item.str.trim()))) return null;
  if (height < SMALLEST * baseHeight || height > LARGEST * baseHeight) return null;
  if (Math.abs((item.transform[4] ?? 0) - right) > NEAR * baseHeight) return null;
  const rise = ((item.transform[5] ?? 0) - (base.transform[5] ?? 0)) / baseHeight;
  if (rise >= LEAST_ABOVE && rise <= MOST_ABOVE) return 'sup';
  return rise <= -LEAST_BELOW && rise >= -MOST_BELOW ? 'sub' : null;
}

function onLine(item: TextItem, mark: Script, base: TextItem): TextItem {
  const transform = item.transform.with(5, base.transform[5] ?? 0);
  return { ...item, transform, str: item.str.replace(/\S+/, `<${mark}>$&</${mark}>`) };
}

function heightOf({ height, transform: [a = 0] }: TextItem): number {
  return height || Math.abs(a);
}

function isUpright({ transform: [a = 0, b = 0] }: TextItem): boolean {
  return a > 0 && Math.abs(b) < a / 100;
}

/** A check takes as long as reading, and damage is rare: of a long document, only the first pages are checked. */
const MOST_CHECKS = 200;

/** The numbers of pages of which something cannot be read. `pdf` is opened strictly: else the library passes over it. */
export async function damagedPages(pdf: Pdf): Promise<ReadonlySet<number>> {
  const damaged = new Set<number>();
  for (let number = 1; number <= Math.min(pdf.numPages, MOST_CHECKS); number += 1) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- one page in memory at a time
      const page = await pdf.getPage(number);
      // oxlint-disable-next-line no-await-in-loop -- as above
      await page.getTextContent();
      page.cleanup();
    } catch {
      damaged.add(number);
    }
  }
  return damaged;
}

/** So few lines are only a frame around a page. */
const MOST_LINES = 5;
/** To look at a page, the library unpacks its pictures: only so many are looked at, all others count as pictures. */
const MOST_LOOKS = 20;

/** The numbers of pages on which nothing is to be seen. */
export async function emptyPages(pdf: Pdf, pages: readonly PageReading[]): Promise<ReadonlySet<number>> {
  const { OPS } = await (await import('unpdf')).getResolvedPDFJS();
  const shown = new Set([
    OPS.paintImageXObject,
    OPS.paintInlineImageXObject,
    OPS.paintImageMaskXObject,
    OPS.shadingFill,
    OPS.showText,
  ]);
  const empty = new Set<number>();
  const without = pages.flatMap(({ text, trouble }, index) => (text === '' && trouble === null ? [index + 1] : []));
  for (const number of without.slice(0, MOST_LOOKS)) {
    // oxlint-disable-next-line no-await-in-loop -- one page in memory at a time
    const page = await pdf.getPage(number);
    try {
      // oxlint-disable-next-line no-await-in-loop -- as above
      const { fnArray }: { readonly fnArray: readonly number[] } = await page.getOperatorList();
      const lines = fnArray.filter((operation) => operation === OPS.constructPath).length;
      if (lines <= MOST_LINES && !fnArray.some((operation) => shown.has(operation))) empty.add(number);
    } catch {
      // A damaged picture is one.
    }
    page.cleanup();
  }
  return empty;
}
