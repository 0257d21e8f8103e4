import type { getDocumentProxy } from 'unpdf';
import { RefusalError } from '../file-kind.ts';
import { isCutPdf } from '../pdf-damage.ts';

export type Pdf = Awaited<ReturnType<typeof getDocumentProxy>>;

export interface OpenPdf {
  readonly pdf: Pdf;
  /** Set by a font that names a table of characters (CMap) which neither the PDF nor the library has. */
  isFontMissing: boolean;
}

/** More than any real document has. The library allocates memory for as many as a file claims. */
const MOST_PAGES = 20_000;

/** Rejects with a `RefusalError` if a PDF is locked with a password, cut off, or otherwise no reader opens it. */
export async function requirePdf(bytes: Buffer): Promise<void> {
  await withPdf(bytes, ({ pdf }) => pdf.getPage(1));
}

/**
 * Opens a PDF, and closes it. Rejects with a `RefusalError`, also for whatever else happens meanwhile. `isStrict`: pages
 * that are damaged fail; else as much of them is read as can be, and nothing says so.
 */
export async function withPdf<T>(bytes: Buffer, use: (open: OpenPdf) => Promise<T>, isStrict = false): Promise<T> {
  if (isCutPdf(bytes))
    throw new RefusalError('broken-document', 'It is a PDF that is cut off: its end is missing. Save it again.');
  const unpdf = await import('unpdf');
  let open: OpenPdf | null = null;
  class NoTables {
    fetch({ kind }: { readonly kind: string }): Promise<never> {
      if (kind === 'cMapUrl' && open !== null) open.isFontMissing = true;
      return Promise.reject(new Error('it is not there'));
    }
  }
  try {
    // A copy: the library takes the memory of what it is given away.
    const pdf = await unpdf.getDocumentProxy(new Uint8Array(bytes), {
      verbosity: 0,
      stopAtErrors: isStrict,
      isEvalSupported: false,
      useWorkerFetch: false,
      BinaryDataFactory: NoTables,
    });
    try {
      if (pdf.numPages > MOST_PAGES)
        throw new RefusalError('too-complex', `It has more than ${MOST_PAGES} pages. Split it.`);
      open = { pdf, isFontMissing: false };
      return await use(open);
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
