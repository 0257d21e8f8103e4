import { RefusalError } from './file-kind.ts';
import { type Annotation, annotationLines } from './pdf-annotations.ts';
import { lengthOf, readableItems } from './pdf-fonts.ts';
import { type Fonts, type Pdf, withPdf } from './pdf-open.ts';
import { pageText, type TextItem } from './pdf-tables.ts';
import type { Reading, Section } from './reading.ts';

const NO_TEXT =
  'It is a scan, or in fonts that do not say which characters they have: no page has text that can be read. Use another engine for it (`sluice.pdf: native` or `sluice.pdf: mistral-ocr` in its recipe).';

/** Of what a page shows, so much at least must be read. */
const LEAST_READ = 0.5;

interface PageReading {
  readonly text: string;
  /** What lies on the text. */
  readonly notes: string;
  /** Why there is no text; null: there is one, or nothing is known to be wrong. */
  readonly trouble: string | null;
}

/**
 * The text of a PDF, page after page, each below a line that numbers it: what is written, values of forms, notes, and
 * addresses of links. Pages that are pictures, or cannot be read, are told. Rejects with a `RefusalError`.
 */
export function pdfText(bytes: Buffer, reading: Reading): Promise<readonly Section[]> {
  reading.uses('pdf');
  return withPdf(bytes, async (pdf, fonts) => {
    await refuseXfa(pdf);
    const pages: PageReading[] = [];
    for (let number = 1; number <= pdf.numPages; number += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one page in memory at a time
      pages.push(await readPage(pdf, number, fonts, reading));
    }
    if (pages.every(({ text, notes }) => text === '' && notes === '')) {
      if (pages.some(({ trouble }) => trouble === DAMAGED)) throw new Error('pages are damaged');
      throw new RefusalError('no-text-in-pdf', NO_TEXT);
    }
    const empty = await emptyPages(pdf, pages);
    const sections: Section[] = pages.map(({ text, notes, trouble }, index) => {
      const number = index + 1;
      const isLeft = text === '' && !empty.has(number);
      if (isLeft) reading.leave('page');
      const pieces = [isLeft ? `[Left out: page ${number}, as ${trouble ?? 'it is a picture'}]` : text, notes];
      return {
        heading: `--- Page ${number} of ${pages.length} ---`,
        text: pieces.filter((piece) => piece !== '').join('\n\n'),
      };
    });
    const attached = Object.keys((await pdf.getAttachments()) ?? {});
    const lines = attached.map((name) => `${reading.leave('attachment')} ${name}`);
    return lines.length === 0 ? sections : [...sections, { heading: null, text: lines.join('\n') }];
  });
}

/** A form whose only page says that another program must be used. */
async function refuseXfa(pdf: Pdf): Promise<void> {
  const { info } = await pdf.getMetadata();
  if (Reflect.get(info, 'IsXFAPresent') !== true || Reflect.get(info, 'IsAcroFormPresent') === true) return;
  throw new RefusalError(
    'no-text-in-pdf',
    'It is a form that only programs of Adobe show (XFA). Print it there as PDF.',
  );
}

const DAMAGED = 'it is damaged';
const NO_CHARACTERS = 'its fonts do not say which characters they have';

/** One damaged page does not take the others with it. */
async function readPage(pdf: Pdf, number: number, fonts: Fonts, reading: Reading): Promise<PageReading> {
  fonts.isMissing = false;
  try {
    const page = await pdf.getPage(number);
    const content = await page.getTextContent();
    const annotations: readonly Annotation[] = await page.getAnnotations();
    page.cleanup();
    const { items, lost } = readableItems(content.items.filter((item: object): item is TextItem => 'str' in item));
    const text = pageText(items).trim();
    const notes = reading.put(annotationLines(annotations, reading).join('\n'));
    const isRead = lost === 0 || lengthOf(text) >= (lengthOf(text) + lost) * LEAST_READ;
    if (text === '' || !isRead) return { text: '', notes, trouble: lost > 0 || fonts.isMissing ? NO_CHARACTERS : null };
    const told = [
      reading.nameUnreadable(text),
      lost === 0 ? '' : reading.leave('unreadable character', lost),
      fonts.isMissing ? reading.leave('unreadable font') : '',
    ];
    return { text: reading.put(told.filter((piece) => piece !== '').join('\n\n')), notes, trouble: null };
  } catch (error) {
    if (error instanceof RefusalError) throw error;
    return { text: '', notes: '', trouble: DAMAGED };
  }
}

/** Lines of a page may be no more than its frame. */
const MOST_LINES = 5;
/** Pages that are looked at closely, as the library unpacks their pictures; the others are taken for pictures. */
const MOST_LOOKS = 20;

/** The numbers of pages on which nothing is to be seen. */
async function emptyPages(pdf: Pdf, pages: readonly PageReading[]): Promise<ReadonlySet<number>> {
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
    // oxlint-disable-next-line no-await-in-loop -- as above
    const { fnArray }: { readonly fnArray: readonly number[] } = await page.getOperatorList();
    page.cleanup();
    const lines = fnArray.filter((operation) => operation === OPS.constructPath).length;
    if (lines <= MOST_LINES && !fnArray.some((operation) => shown.has(operation))) empty.add(number);
  }
  return empty;
}
