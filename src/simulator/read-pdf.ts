/** What can be told of a PDF without a reader of PDFs. */
interface PdfFacts {
  /** 1 where they cannot be counted, as where objects are packed into streams. */
  readonly pages: number;
  /** What its pages show, as far as it stands there plainly. */
  readonly text: string;
}

const HEADER = '%PDF-';
/** Readers look so far for the header. */
const HEADER_WITHIN = 1024;

/** Null where the bytes are no PDF. */
export function readPdf(bytes: Buffer): PdfFacts | null {
  const head = bytes.subarray(0, HEADER_WITHIN).indexOf(HEADER);
  if (head === -1) return null;
  const source = bytes.toString('latin1');
  const shown = Array.from(source.matchAll(/\(((?:\\.|[^\\()])*)\)\s*Tj/gs), ([, text = '']) => unescaped(text));
  return { pages: Math.max(1, source.match(/\/Type\s*\/Page(?!s)/g)?.length ?? 0), text: shown.join('\n') };
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/gs, '$1');
}
