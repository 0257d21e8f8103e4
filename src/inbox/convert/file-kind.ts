import type { SourceFile } from '../../domain/document.ts';
import { decodeText } from './decode-text.ts';

/** What a file is, by its bytes. */
type FileKind =
  | { readonly kind: 'text'; readonly text: string }
  /** SVG or HTML that may have pictures in it. */
  | { readonly kind: 'markup'; readonly text: string }
  | { readonly kind: 'image'; readonly mediaType: string }
  | { readonly kind: 'audio'; readonly format: string }
  | { readonly kind: 'pdf' | 'archive' | 'email' }
  | { readonly kind: 'refused'; readonly code: string; readonly reason: string };

/** Why a file cannot be sent: thrown by the code that converts it, and turned into a value by `convertFiles`. */
export class RefusalError extends Error {
  override readonly name = 'RefusalError';
  /** A stable word. */
  readonly code: string;

  constructor(code: string, reason: string) {
    super(reason);
    this.code = code;
  }
}

/** How files begin that are no plain text, even if their bytes could pass as text. */
const SIGNATURES: readonly { readonly start: RegExp; readonly kind: FileKind }[] = [
  { start: /^(?:\xEF\xBB\xBF)?\s*%PDF-/, kind: { kind: 'pdf' } },
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  { start: /^PK(?:\x03\x04|\x05\x06)/, kind: { kind: 'archive' } },
  {
    start: /^\{\\rtf/,
    kind: {
      kind: 'refused',
      code: 'unsupported-type',
      reason: 'It is RTF, which is not read. Save it as docx, or as PDF.',
    },
  },
];

const EMAIL_NAME = /\.eml$/i;
/** A web page with its pictures, written as an e-mail is. */
const SAVED_PAGE_NAME = /\.mht(?:ml)?$/i;
const SAVED_PAGE_HEAD = /^(?:Snapshot-Content-Location:|From: <?Saved by )/im;
const SAVED_PAGE: FileKind = {
  kind: 'refused',
  code: 'unsupported-type',
  reason: 'It is a saved web page (mht), which is not read. Save it as HTML or as PDF.',
};
/** A field of a head (RFC 5322), or the line by which mailboxes begin one. */
const EMAIL_HEAD = /^(?:\xEF\xBB\xBF)?\s*(?:From |[!-9;-~]+[ \t]*:)/;
/** Readers of PDF look for its mark in the first so many bytes (ISO 32000, annex H). */
const HEAD_BYTES = 1024;

/** What a text or a file with a plain signature is; null if a closer look is needed, by `fileKind`. */
export function plainKind({ name, bytes }: SourceFile): FileKind | null {
  const start = bytes.toString('latin1', 0, HEAD_BYTES);
  const signed = SIGNATURES.find((signature) => signature.start.test(start));
  if (signed !== undefined) return signed.kind;
  // An e-mail is a text like any other: only its name tells that it is meant as one.
  if (EMAIL_NAME.test(name) && EMAIL_HEAD.test(start)) return { kind: 'email' };
  if (EMAIL_HEAD.test(start) && (SAVED_PAGE_NAME.test(name) || SAVED_PAGE_HEAD.test(start))) return SAVED_PAGE;
  const decoded = decodeText(bytes);
  if (decoded.kind !== 'text') return null;
  const { text } = decoded;
  return text.includes(';base64,') && text.trimStart().startsWith('<') ? { kind: 'markup', text } : decoded;
}

/** What a file is, by its bytes. */
export async function fileKind(file: SourceFile): Promise<FileKind> {
  const { bytes } = file;
  const kind = plainKind(file) ?? (await binaryKind(bytes));
  if (kind !== null) return kind;
  // Something may stand before a PDF. In a text, the mark is only a word.
  return bytes.subarray(0, HEAD_BYTES).includes('%PDF-') ? { kind: 'pdf' } : decodeText(bytes);
}

const IMAGES = new Set(['png', 'jpg', 'webp', 'gif', 'apng']);
/** The format of `input_audio`, by the ending that a type has. */
const AUDIO = new Map([
  ['wav', 'wav'],
  ['mp3', 'mp3'],
  ['flac', 'flac'],
  ['ogg', 'ogg'],
  ['oga', 'ogg'],
  ['spx', 'ogg'],
  ['opus', 'ogg'],
  ['m4a', 'm4a'],
  ['m4b', 'm4a'],
  ['aac', 'aac'],
  ['aif', 'aiff'],
]);
/** What to do instead, by the beginning of a media type. */
const ADVICE: readonly { readonly type: string; readonly advice: string }[] = [
  { type: 'image/vnd.djvu', advice: 'Convert it to PDF.' },
  { type: 'image/', advice: 'Convert it to PNG or JPEG.' },
  { type: 'audio/', advice: 'Convert it to MP3 or WAV.' },
  { type: 'video/', advice: 'Drop its sound as MP3, or single pictures of it.' },
  { type: 'application/x-mobipocket-ebook', advice: 'Convert it to EPUB.' },
  { type: 'application/postscript', advice: 'Convert it to PDF.' },
  { type: 'application/eps', advice: 'Convert it to PDF.' },
  { type: 'application/', advice: 'Drop its contents as text, PDF or pictures.' },
];
/** An Office file with a password is packed into one of the old kind. */
const LOCKED = Buffer.from('EncryptedPackage', 'utf16le');

const UTF16_MARK_AS_SOUND = 'mp1';

/** What a file that is no text is; null if it is not known. */
async function binaryKind(bytes: Buffer): Promise<FileKind | null> {
  const { fileTypeFromBuffer } = await import('file-type');
  const type = await fileTypeFromBuffer(bytes).catch(() => undefined);
  // The byte order mark of UTF-16 could also begin a sound of MPEG layer I, which is not taken anyway.
  if (type === undefined || type.ext === UTF16_MARK_AS_SOUND) return null;
  if (IMAGES.has(type.ext)) return { kind: 'image', mediaType: type.ext === 'apng' ? 'image/png' : type.mime };
  const format = AUDIO.get(type.ext);
  return format === undefined ? unsupported(bytes, type) : { kind: 'audio', format };
}

function unsupported(bytes: Buffer, { ext, mime }: { readonly ext: string; readonly mime: string }): FileKind {
  if (ext === 'cfb' && bytes.includes(LOCKED))
    return { kind: 'refused', code: 'encrypted', reason: 'It is locked with a password. Save it without one.' };
  if (ext === 'cfb') return notTaken(oldOffice(bytes));
  const advice = ADVICE.find(({ type }) => mime.startsWith(type))?.advice ?? 'Drop it as text or as PDF.';
  return notTaken({ found: `a file of the type ${ext} (${mime})`, advice });
}

function notTaken({ found, advice }: { readonly found: string; readonly advice: string }): FileKind {
  return { kind: 'refused', code: 'unsupported-type', reason: `It is ${found}, which is not taken. ${advice}` };
}

/** What a compound file (MS-CFB) is, and what to do with it. */
interface OldOffice {
  readonly found: string;
  readonly advice: string;
}

interface OldFormat extends OldOffice {
  /** First words of the classes that may stand at the root of such a file. */
  readonly classes: readonly number[];
  /** Names of the stream with its text. Files may lie in messages, and sheets in slides: the first counts. */
  readonly streams: readonly string[];
}

const FORMATS: readonly OldFormat[] = [
  {
    classes: [0x00_02_0d_0b],
    streams: ['__properties_version1.0'],
    found: 'a message of Outlook (msg)',
    advice: 'Save it as eml, or as PDF.',
  },
  {
    classes: [0x64_81_8d_10],
    streams: ['PowerPoint Document'],
    found: 'an old presentation (ppt)',
    advice: 'Save it as pptx, or as PDF.',
  },
  {
    classes: [0x00_02_09_06, 0x00_02_09_00],
    streams: ['WordDocument'],
    found: 'an old Word document (doc)',
    advice: 'Save it as docx, or as PDF.',
  },
  {
    classes: [0x00_02_08_20, 0x00_02_08_10],
    streams: ['Workbook', 'Book'],
    found: 'an old workbook (xls)',
    advice: 'Save it as xlsx, or as PDF.',
  },
  {
    classes: [0x00_02_1a_14],
    streams: ['VisioDocument'],
    found: 'an old drawing of Visio (vsd)',
    advice: 'Save it as PDF.',
  },
];

const UNKNOWN: OldOffice = {
  found: 'an old Office file (doc, xls, ppt) or a message of Outlook',
  advice: 'Save it as docx, xlsx or pptx, or as PDF.',
};

/** Which of them a compound file is. */
function oldOffice(bytes: Buffer): OldOffice {
  const root = rootClass(bytes);
  return (
    FORMATS.find(({ classes }) => root !== null && classes.includes(root)) ??
    FORMATS.find(({ streams }) => streams.some((name) => bytes.includes(Buffer.from(`${name}\0`, 'utf16le')))) ??
    UNKNOWN
  );
}

/** MS-CFB 2.2 and 2.6: where the directory begins, and the class of its first entry. Null if it lies outside. */
function rootClass(bytes: Buffer): number | null {
  if (bytes.length < 52) return null;
  const sectorBytes = 2 ** bytes.readUInt16LE(30);
  const root = (bytes.readUInt32LE(48) + 1) * sectorBytes + 80;
  return root + 4 > bytes.length ? null : bytes.readUInt32LE(root);
}
