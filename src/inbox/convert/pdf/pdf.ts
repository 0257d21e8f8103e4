import { RefusalError } from '../file-kind.ts';
import { damagedStreams } from '../pdf-damage.ts';
import type { Reading, Section } from '../reading.ts';
import { type OpenPdf, type Pdf, withPdf } from './open.ts';
import { DAMAGED, damagedPages, emptyPages, type PageReading, readPage } from './pages.ts';

const NO_TEXT =
  'It is a scan, or in fonts that do not say which characters they have: no page has text that can be read. Use another engine for it (`sluice.pdf: native` or `sluice.pdf: mistral-ocr` in its recipe).';

/**
 * The text of a PDF, page after page, each below a line that numbers it: what is written, values of forms, notes, and
 * addresses of links. Pages that are pictures, or cannot be read, are told. Rejects with a `RefusalError`.
 */
export function pdfText(bytes: Buffer, reading: Reading): Promise<readonly Section[]> {
  reading.uses('pdf');
  const use = async (open: OpenPdf): Promise<readonly Section[]> => {
    const { pdf } = open;
    await refuseXfa(pdf);
    const damagedBefore = reading.leftOut['damaged part'];
    const pages = await readPages(bytes, open, reading);
    if (pages.every(({ text, notes }) => text === '' && notes === '')) {
      if (pages.some(({ trouble }) => trouble === DAMAGED) || damagedStreams(bytes) > 0)
        throw new Error('every page is damaged');
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
    const isTold =
      pages.some(({ trouble }) => trouble === DAMAGED) || reading.leftOut['damaged part'] !== damagedBefore;
    const damaged = isTold ? 0 : damagedStreams(bytes);
    if (damaged > 0) lines.push(reading.leave('damaged part', damaged));
    return lines.length === 0 ? sections : [...sections, { heading: null, text: lines.join('\n') }];
  };
  return withPdf(bytes, use);
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

async function readPages(bytes: Buffer, open: OpenPdf, reading: Reading): Promise<readonly PageReading[]> {
  const pages: PageReading[] = [];
  // oxlint-disable-next-line no-await-in-loop -- one page in memory at a time
  while (pages.length < open.pdf.numPages) pages.push(await readPage(open, pages.length + 1, reading));
  // What is not opened strictly has its tables mended; nothing more is known of its pages.
  const damaged = await withPdf(bytes, ({ pdf }) => damagedPages(pdf), true).catch(() => new Set<number>());
  return pages.map((page, index) => {
    if (!damaged.has(index + 1)) return page;
    if (page.text === '') return { text: '', notes: page.notes, trouble: DAMAGED };
    return { text: `${page.text}\n\n${reading.leave('damaged part')}`, notes: page.notes, trouble: null };
  });
}
