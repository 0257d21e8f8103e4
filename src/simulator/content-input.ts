import { hash } from 'node:crypto';
import { asArray, asObject, isRecord } from '../lib/json.ts';
import { badRequest, type ErrorObject } from './api-errors.ts';

/** What a message carries beside its text. */
export interface ContentInput {
  readonly kind: 'image' | 'audio' | 'file';
  /** How an answer names it: `image/png, 123 bytes`. */
  readonly label: string;
  /** Hex, of its bytes; for a link, of its address. */
  readonly sha256: string;
  /** The name of a file; empty if it has none. */
  readonly name: string;
  /** Of a PDF; 1 for all else. */
  readonly pages: number;
  /** The text of a PDF, as far as it can be read; else empty. */
  readonly text: string;
}

const AUDIO_FORMATS = new Set(['wav', 'mp3', 'aiff', 'aac', 'ogg', 'flac', 'm4a', 'pcm16', 'pcm24']);

/** How the bytes of an image begin. */
const IMAGE_BEGINNINGS: ReadonlyMap<string, RegExp> = new Map([
  ['image/png', /^\x89PNG\r\n/],
  ['image/jpeg', /^\xff\xd8\xff/],
  ['image/webp', /^RIFF.{4}WEBP/s],
  ['image/gif', /^GIF8[79]a/],
]);

/** Reads a part of a message: its text, or what it carries. Returns the API's error if it is not valid. */
export function readPart(part: unknown): string | ContentInput | ErrorObject {
  if (!isRecord(part)) return badRequest('invalid_request', 'A content part is no object');
  const { type, text } = part;
  if (type === 'text')
    return typeof text === 'string' ? text : badRequest('invalid_request', 'A text part has no text');
  if (type === 'image_url') return readImage(part['image_url']);
  if (type === 'input_audio') return readAudio(part['input_audio']);
  if (type === 'file') return readFile(part['file']);
  return badRequest('invalid_request', `Invalid content part type: ${JSON.stringify(type)}`);
}

/** Links are not followed. */
function readImage(image: unknown): ContentInput | ErrorObject {
  const url = textOf(image, 'url');
  if (/^https?:\/\//.test(url)) return input('image', `an image at ${url}`, url);
  const data = readDataUrl(url);
  if (data === null) return badRequest('invalid_image', 'The image is no data URL with base64');
  const beginning = IMAGE_BEGINNINGS.get(data.mediaType);
  if (beginning === undefined)
    return badRequest('unsupported_image_format', `Images of the type ${data.mediaType} are not supported`);

  if (!beginning.test(data.bytes.toString('latin1', 0, 12)))
    return badRequest('invalid_image', `The bytes are no ${data.mediaType}`);

  return input('image', labelOf(data.mediaType, data.bytes), data.bytes);
}

function readAudio(audio: unknown): ContentInput | ErrorObject {
  const format = textOf(audio, 'format');
  if (!AUDIO_FORMATS.has(format))
    return badRequest('invalid_request', `Audio of the format ${format} is not supported`);

  const bytes = decodeBase64(textOf(audio, 'data'));
  if (bytes === null) return badRequest('invalid_request', 'The audio is no base64');
  return input('audio', labelOf(`audio/${format}`, bytes), bytes);
}

function readFile(file: unknown): ContentInput | ErrorObject {
  const name = textOf(file, 'filename');
  const data = readDataUrl(textOf(file, 'file_data'));
  if (data === null) return badRequest('invalid_request', 'The file is no data URL with base64');
  if (data.mediaType !== 'application/pdf')
    return badRequest('invalid_request', `Files of the type ${data.mediaType} are not supported`);

  const pdf = readPdf(data.bytes);
  if (pdf === null) return badRequest('invalid_request', `Failed to parse ${name === '' ? 'the file' : name}`);
  const pages = pdf.pages === 1 ? '1 page' : `${pdf.pages} pages`;
  return { ...input('file', `${labelOf(data.mediaType, data.bytes)}, ${pages}`, data.bytes), name, ...pdf };
}

function input(kind: ContentInput['kind'], label: string, bytes: string | Buffer): ContentInput {
  return { kind, label, sha256: hash('sha256', bytes), name: '', pages: 1, text: '' };
}

function labelOf(mediaType: string, { length }: Buffer): string {
  return `${mediaType}, ${length} bytes`;
}

function textOf(value: unknown, key: string): string {
  const text = asObject(value)[key];
  return typeof text === 'string' ? text : '';
}

/** The type and bytes of `data:TYPE;base64,…`; null if `url` is something else, or has no bytes. */
function readDataUrl(url: string): { readonly mediaType: string; readonly bytes: Buffer } | null {
  const comma = url.indexOf(',');
  const mediaType = /^data:([\w.+-]+\/[\w.+-]+);base64$/.exec(url.slice(0, Math.max(comma, 0)))?.[1];
  const bytes = mediaType === undefined ? null : decodeBase64(url.slice(comma + 1));
  return mediaType === undefined || bytes === null ? null : { mediaType, bytes };
}

/** Null if the text is empty, has other characters, or is not padded: `Buffer.from` would take all that. */
function decodeBase64(text: string): Buffer | null {
  const isWhole = text !== '' && text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
  return isWhole ? Buffer.from(text, 'base64') : null;
}

const HEADER = '%PDF-';
/** The header must stand within so many bytes, as readers of PDFs have it. */
const HEADER_WITHIN = 1024;

/**
 * What can be known without a PDF reader: `pages` is 1 if they cannot be counted, as with objects that are packed into
 * streams; `text` is what stands there plainly. Null if the bytes are no PDF.
 */
function readPdf(bytes: Buffer): Pick<ContentInput, 'pages' | 'text'> | null {
  const head = bytes.subarray(0, HEADER_WITHIN).indexOf(HEADER);
  if (head === -1) return null;
  const source = bytes.toString('latin1');
  const shown = Array.from(source.matchAll(/\(((?:\\.|[^\\()])*)\)\s*Tj/gs), ([, text = '']) =>
    text.replace(/\\(.)/gs, '$1'),
  );
  return { pages: Math.max(1, source.match(/\/Type\s*\/Page(?!s)/g)?.length ?? 0), text: shown.join('\n') };
}

/** What a message holds. */
export interface MessageContent {
  /** Its text parts, joined by line breaks. */
  readonly text: string;
  readonly inputs: readonly ContentInput[];
  /** The ends, in `text`, of parts that are marked with `cache_control`. */
  readonly marks: readonly number[];
  /** The API's error for the first part that is not valid; null if all are. */
  readonly flaw: ErrorObject | null;
}

/** Content is a text, a list of parts, or nothing. */
export function readContent(content: unknown): MessageContent {
  if (typeof content === 'string') return { text: content, inputs: [], marks: [], flaw: null };
  const texts: string[] = [];
  const inputs: ContentInput[] = [];
  const marks: number[] = [];
  let flaw: ErrorObject | null = null;
  for (const part of asArray(content)) {
    const read = readPart(part);
    if (typeof read === 'string') texts.push(read);
    else if ('code' in read) flaw ??= read;
    else inputs.push(read);
    if (isRecord(asObject(part)['cache_control'])) marks.push(texts.join('\n').length);
  }
  return { text: texts.join('\n'), inputs, marks, flaw };
}
