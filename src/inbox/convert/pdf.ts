import { RefusalError } from './file-kind.ts';
import type { Reading, Section } from './reading.ts';

const SCAN =
  'It is a scan: no page has text in it. Use another engine for it (`sluice.pdf: native` or `sluice.pdf: mistral-ocr` in its recipe).';

/** More than any real document has: the library allocates memory for as many as a file says it has. */
const MOST_PAGES = 20_000;

/** The text of a PDF, page after page, each below a line that numbers it. Rejects with a `RefusalError`. */
export async function pdfText(bytes: Uint8Array, reading: Reading): Promise<readonly Section[]> {
  reading.uses('pdf');
  const pages = await pagesOf(bytes);
  if (pages.every((page) => page.trim() === '')) throw new RefusalError('no-text-in-pdf', SCAN);
  return pages.map((page, index) => ({
    heading: `--- Page ${index + 1} of ${pages.length} ---`,
    text: page.trim() || `[Page ${index + 1} holds no text: it may be a picture]`,
  }));
}

async function pagesOf(bytes: Uint8Array): Promise<readonly string[]> {
  const { extractText, getDocumentProxy } = await import('unpdf');
  try {
    // A copy: the library takes the memory of what it is given away.
    const pdf = await getDocumentProxy(new Uint8Array(bytes), { verbosity: 0, isEvalSupported: false });
    try {
      if (pdf.numPages > MOST_PAGES)
        throw new RefusalError('too-complex', `It has more than ${MOST_PAGES} pages. Split it.`);
      return (await extractText(pdf, { mergePages: false })).text;
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
