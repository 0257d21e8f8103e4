import { type LeftOut, leftOutInWords, type SourceFile } from '../../domain/document.ts';
import type { Converted } from '../../domain/ports.ts';
import type { PdfEngine } from '../../domain/recipe.ts';
import type { Part } from '../../domain/request.ts';
import { errorMessage } from '../../lib/errors.ts';
import { fileKind, RefusalError } from './file-kind.ts';
import { isPlainPdf } from './pdf-damage.ts';
import { isBlankText, Reading, type Section } from './reading.ts';

/** What is read of one file. */
export interface FileContent {
  readonly parts: readonly Part[];
  /** Nothing but headings of ours, and lines that say what was left out. */
  readonly isBlank: boolean;
  /** Headings that stand on its pages: headers, footers, what its template says. */
  readonly hasMargins?: boolean;
}

/** The parts of a document of one file, or of several, each then below a line that names it. Never rejects. */
export async function convertFiles(files: readonly SourceFile[], pdf: PdfEngine | null): Promise<Converted> {
  const reading = new Reading();
  const parts: Part[] = [];
  let blank = true;
  let hasMargins = false;
  for (const file of files) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- one file unpacked in memory at a time
      const content = await convertFile(file, pdf, reading);
      blank &&= content.isBlank;
      hasMargins ||= content.hasMargins === true;
      if (files.length > 1) parts.push({ kind: 'text', text: `File: ${file.name}` });
      parts.push(...content.parts);
    } catch (error) {
      const code = error instanceof RefusalError ? error.code : 'broken-document';
      const message = errorMessage(error);
      return { kind: 'refused', code, reason: files.length > 1 ? `${file.name}: ${message}` : message };
    }
  }
  const { leftOut, readers } = reading;
  return blank ? blankRefusal(leftOut, hasMargins) : { kind: 'converted', parts: joinTexts(parts), leftOut, readers };
}

/** Of a document with nothing to ask about. `hasMargins`: headers and footers, or what its template says, are in it. */
export function blankRefusal(leftOut: LeftOut, hasMargins = false): Converted {
  const kinds = leftOutInWords(leftOut);
  const found = [
    ...(hasMargins ? ['headers and footers'] : []),
    ...(kinds === '' ? [] : [`what cannot be read: ${kinds}`]),
  ];
  const reason = `There is nothing in it but ${found.length === 0 ? 'white space' : found.join(', and ')}.`;
  return { kind: 'refused', code: 'blank', reason };
}

/** E-mails in e-mails; deeper ones are left out. */
const DEEPEST_EMAIL = 5;

/** Rejects with a `RefusalError` if the file cannot be sent. `depth` counts e-mails in e-mails. */
async function convertFile(file: SourceFile, pdf: PdfEngine | null, reading: Reading, depth = 0): Promise<FileContent> {
  const { name, bytes } = file;
  const kind = await fileKind(file);
  try {
    // Converters are loaded when they are needed: most runs need none.
    switch (kind.kind) {
      case 'text':
        return { parts: [{ kind: 'text', text: kind.text }], isBlank: isBlankText(kind.text) };
      case 'markup':
        return { parts: [{ kind: 'text', text: withoutEmbeddedPictures(kind.text, reading) }], isBlank: false };
      case 'image':
        return { parts: [{ kind: 'image', mediaType: kind.mediaType, bytes }], isBlank: false };
      case 'audio':
        return { parts: [{ kind: 'audio', format: kind.format, bytes }], isBlank: false };
      case 'pdf':
        if (pdf === 'text') return sectionsContent(await (await import('./pdf/pdf.ts')).pdfText(bytes, reading));
        if (!isPlainPdf(bytes)) await (await import('./pdf/open.ts')).requirePdf(bytes);
        return { parts: [{ kind: 'file', name, mediaType: 'application/pdf', bytes }], isBlank: false };
      case 'archive':
        return sectionsContent(await (await import('./office.ts')).convertArchive(bytes, reading));
      case 'email': {
        if (depth > DEEPEST_EMAIL) throw new RefusalError('unsupported-type', 'It is too deep in other messages.');
        const { emailContent } = await import('./email/email.ts');
        return await emailContent(bytes, reading, (attachment) => convertFile(attachment, pdf, reading, depth + 1));
      }
      case 'refused':
        throw new RefusalError(kind.code, kind.reason);
    }
  } catch (error) {
    if (error instanceof RefusalError) throw error;
    // Without the library's own words: they may quote the document.
    throw new RefusalError('broken-document', 'It is damaged, and cannot be read. Save it again.');
  }
}

/** Headings of slides, sheets and pages. */
const NAMES_PAGE = /^(?:##|---) /;

function sectionsContent(sections: readonly Section[]): FileContent {
  const texts = sections.map(({ heading, text }) => [heading ?? '', text].filter((piece) => piece !== '').join('\n\n'));
  const text = texts.filter((piece) => piece !== '').join('\n\n');
  const isBlank = sections.every((section) => isBlankText(section.text));
  const hasMargins = sections.some(({ heading }) => heading !== null && !NAMES_PAGE.test(heading));
  return { parts: [{ kind: 'text', text }], isBlank, hasMargins };
}

/** The same parts with neighbouring texts made one, an empty line between them. */
function joinTexts(parts: readonly Part[]): readonly Part[] {
  const joined: Part[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (part.kind === 'text' && last?.kind === 'text')
      joined[joined.length - 1] = { kind: 'text', text: `${last.text}\n\n${part.text}` };
    else joined.push(part);
  }
  return joined;
}

const BASE64 = ';base64,';
const TYPE = /data:(image|font|application)\/[\w.+-]+(?:;[\w.+=-]+)*$/;
const LONGEST_TYPE = 200;
const NO_BASE64 = /[^\w+/=%\s-]/;
/** Shorter files are signs, and cost little. */
const FEWEST_LETTERS = 1000;

/** SVG or HTML without the letters of its pictures and fonts, which tell a model nothing: pictures are told. */
function withoutEmbeddedPictures(text: string, reading: Reading): string {
  const [first = '', ...rest] = text.split(BASE64);
  const kept: string[] = [];
  let before = first;
  for (const piece of rest) {
    const end = piece.search(NO_BASE64);
    const letters = end < 0 ? piece.length : end;
    const type = letters < FEWEST_LETTERS ? null : TYPE.exec(before.slice(-LONGEST_TYPE));
    if (type === null) {
      kept.push(before, BASE64);
      before = piece;
    } else {
      kept.push(before.slice(0, -type[0].length), type[1] === 'image' ? reading.leave('picture') : 'data:,');
      before = piece.slice(letters);
    }
  }
  return [...kept, before].join('');
}
