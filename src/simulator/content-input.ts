import { hash } from 'node:crypto';
import { isRecord, type JsonRecord } from '../lib/json.ts';
import { type ApiError, badRequest } from './api-error.ts';
import { decodeBase64, readDataUrl } from './data-url.ts';
import { readPdf } from './read-pdf.ts';

/** What a message carries beside its text. */
export interface ContentInput {
  readonly kind: 'image' | 'audio' | 'file';
  /** What an answer says of it: `image/png, 123 bytes`. */
  readonly label: string;
  /** Hex, of its bytes; of a link, of its address. */
  readonly sha256: string;
  /** The name of a file; empty where it has none. */
  readonly name: string;
  /** Of a PDF; 1 of all else. */
  readonly pages: number;
  /** What a PDF says, as far as that can be read; else empty. */
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

/** Reads a part that is no text; an error as the API would give it where it is no good. */
export function readInput(part: JsonRecord): ContentInput | ApiError {
  const type = part['type'];
  if (type === 'image_url') return readImage(part['image_url']);
  if (type === 'input_audio') return readAudio(part['input_audio']);
  if (type === 'file') return readFile(part['file']);
  return badRequest('invalid_request', `Invalid content part type: ${JSON.stringify(type)}`);
}

/** A link is not followed. */
function readImage(image: unknown): ContentInput | ApiError {
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

function readAudio(audio: unknown): ContentInput | ApiError {
  const format = textOf(audio, 'format');
  if (!AUDIO_FORMATS.has(format))
    return badRequest('invalid_request', `Audio of the format ${format} is not supported`);

  const bytes = decodeBase64(textOf(audio, 'data'));
  if (bytes === null) return badRequest('invalid_request', 'The audio is no base64');
  return input('audio', labelOf(`audio/${format}`, bytes), bytes);
}

function readFile(file: unknown): ContentInput | ApiError {
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
  const text = isRecord(value) ? value[key] : undefined;
  return typeof text === 'string' ? text : '';
}
