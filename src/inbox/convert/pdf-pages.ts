import { RefusalError } from './file-kind.ts';
import { type Annotation, annotationLines } from './pdf-annotations.ts';
import { lengthOf, readableItems } from './pdf-fonts.ts';
import type { OpenPdf, Pdf } from './pdf-open.ts';
import { joinScripts, withScripts } from './pdf-scripts.ts';
import { pageText, type TextItem } from './pdf-tables.ts';
import type { Reading } from './reading.ts';

/** Of what a page shows, so much at least must be read. */
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

/** Reading all pages once more takes as long as reading them; damage is rare, and long documents are not looked through. */
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

/** Lines of a page may be no more than its frame. */
const MOST_LINES = 5;
/** Pages that are looked at closely, as the library unpacks their pictures; the others are taken for pictures. */
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
