import type { Provenance } from '../../domain/document.ts';

/**
 * The formats that readers of ours make text of, each with the revision of its reader. It goes up whenever the reader puts
 * out something else of the same file: answers to what an older one read then count as stale.
 */
export const READER_REVISIONS = { docx: 2, xlsx: 2, pptx: 2, odt: 2, ods: 2, odp: 2, epub: 2, eml: 2, pdf: 2 } as const;

export type Format = keyof typeof READER_REVISIONS;

const REVISIONS = new Map<string, number>(Object.entries(READER_REVISIONS));

/** Files of which readers made text before answers recorded which; pdf where the program itself read it. */
const FIRST_READERS: readonly { readonly format: Format; readonly ending: RegExp }[] = [
  { format: 'docx', ending: /\.(?:doc|dot)[xm]$/i },
  { format: 'xlsx', ending: /\.(?:xls|xlt)[xm]$/i },
  { format: 'pptx', ending: /\.(?:ppt|pps|pot)[xm]$/i },
  { format: 'odt', ending: /\.(?:odt|ott)$/i },
  { format: 'ods', ending: /\.(?:ods|ots)$/i },
  { format: 'odp', ending: /\.(?:odp|otp)$/i },
  { format: 'epub', ending: /\.epub$/i },
  { format: 'eml', ending: /\.eml$/i },
  { format: 'pdf', ending: /\.pdf$/i },
];

/**
 * The formats of which readers of another revision made the text of a document. `readers` null: none were recorded, and
 * those of its ending had revision 1. `readsPdf`: the program makes text of its PDFs itself.
 */
export function outdatedFormats(readers: Provenance['readers'], id: string, readsPdf: boolean): readonly string[] {
  if (readers === null) {
    const format = FIRST_READERS.find(({ ending }) => ending.test(id))?.format;
    if (format === undefined || (format === 'pdf' && !readsPdf)) return [];
    return outdatedFormats([`${format}/1`], id, readsPdf);
  }
  return readers.flatMap((reader) => {
    const [format = '', revision] = reader.split('/');
    return String(REVISIONS.get(format)) === revision ? [] : [format];
  });
}
