import type { getDocumentProxy } from 'unpdf';
import { RefusalError } from './file-kind.ts';
import { type Annotation, annotationLines } from './pdf-annotations.ts';
import { isCutPdf } from './pdf-end.ts';
import { pageText, type TextItem } from './pdf-tables.ts';
import type { Reading, Section } from './reading.ts';

const OTHER_ENGINE = 'Use another engine for it (`sluice.pdf: native` or `sluice.pdf: mistral-ocr` in its recipe).';

/** More than any real document has: the library allocates memory for as many as a file says it has. */
const MOST_PAGES = 20_000;

type Pdf = Awaited<ReturnType<typeof getDocumentProxy>>;
type Page = Awaited<ReturnType<Pdf['getPage']>>;

/** Rejects with a `RefusalError` if a PDF is locked with a password, cut off, or otherwise no reader opens it. */
export async function requirePdf(bytes: Buffer): Promise<void> {
  await withPdf(bytes, (pdf) => pdf.getPage(1));
}

/**
 * The text of a PDF, page after page, each below a line that numbers it: what is written, values of forms, notes, and
 * addresses of links. Pages of which only a picture shows the text are told. Rejects with a `RefusalError`.
 */
export function pdfText(bytes: Buffer, reading: Reading): Promise<readonly Section[]> {
  reading.uses('pdf');
  return withPdf(bytes, async (pdf, fonts) => {
    await refuseXfa(pdf);
    const texts: string[] = [];
    for (let number = 1; number <= pdf.numPages; number += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one page in memory at a time
      texts.push(await textOf(await pdf.getPage(number), reading));
      if (fonts.isMissing) {
        throw new RefusalError(
          'no-text-in-pdf',
          `Text on page ${number} is in a font that cannot be read. ${OTHER_ENGINE}`,
        );
      }
    }
    if (texts.every((text) => text === ''))
      throw new RefusalError('no-text-in-pdf', `It is a scan: no page has text in it. ${OTHER_ENGINE}`);
    const sections: Section[] = [];
    for (const [index, text] of texts.entries()) {
      const heading = `--- Page ${index + 1} of ${texts.length} ---`;
      // oxlint-disable-next-line no-await-in-loop -- as above
      const isPicture = text === '' && (await showsSomething(await pdf.getPage(index + 1)));
      if (isPicture) reading.leave('page');
      sections.push({ heading, text: isPicture ? `[Left out: page ${index + 1}, which is a picture]` : text });
    }
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

async function textOf(page: Page, reading: Reading): Promise<string> {
  const { items } = await page.getTextContent();
  const annotations: readonly Annotation[] = await page.getAnnotations();
  page.cleanup();
  const text = pageText(items.filter((item: object): item is TextItem => 'str' in item));
  const pieces = [text.trim(), annotationLines(annotations, reading).join('\n')].filter((piece) => piece !== '');
  return reading.put(pieces.join('\n\n'));
}

/** Lines of a page may be no more than its frame. */
const MOST_LINES = 5;

/** Whether there is a picture on a page, or a drawing. */
async function showsSomething(page: Page): Promise<boolean> {
  const { OPS } = await (await import('unpdf')).getResolvedPDFJS();
  const { fnArray } = await page.getOperatorList();
  page.cleanup();
  const pictures = new Set([
    OPS.paintImageXObject,
    OPS.paintInlineImageXObject,
    OPS.paintImageMaskXObject,
    OPS.shadingFill,
  ]);
  const lines = fnArray.filter((operation: number) => operation === OPS.constructPath).length;
  return lines > MOST_LINES || fnArray.some((operation: number) => pictures.has(operation));
}

/** Whether a font was met that needs a table of characters which is in no PDF, and is not in the library either. */
interface Fonts {
  isMissing: boolean;
}

async function withPdf<T>(bytes: Buffer, use: (pdf: Pdf, fonts: Fonts) => Promise<T>): Promise<T> {
  if (isCutPdf(bytes)) {
    throw new RefusalError(
      'broken-document',
      'It is a PDF that is cut off: its end is missing. Copy or save it again.',
    );
  }
  const unpdf = await import('unpdf');
  const fonts = { isMissing: false };
  class NoTables {
    fetch({ kind }: { readonly kind: string }): Promise<never> {
      if (kind === 'cMapUrl') fonts.isMissing = true;
      return Promise.reject(new Error('not there'));
    }
  }
  try {
    // A copy: the library takes the memory of what it is given away.
    const pdf = await unpdf.getDocumentProxy(new Uint8Array(bytes), {
      verbosity: 0,
      isEvalSupported: false,
      useWorkerFetch: false,
      BinaryDataFactory: NoTables,
    });
    try {
      if (pdf.numPages > MOST_PAGES)
        throw new RefusalError('too-complex', `It has more than ${MOST_PAGES} pages. Split it.`);
      return await use(pdf, fonts);
    } finally {
      await pdf.destroy();
    }
  } catch (error) {
    if (error instanceof RefusalError) throw error;
    if (error instanceof Error && error.name === 'PasswordException')
      throw new RefusalError('encrypted', 'It is a PDF that is locked with a password. Save it without one.');
    throw new RefusalError('broken-document', 'It is a PDF that cannot be read. Save it again.');
  }
}
