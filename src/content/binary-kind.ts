import type { FileKind } from '../inbox/convert/file-kind.ts';

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
/** What helps, by the beginning of a media type. */
const ADVICE: readonly { readonly type: string; readonly advice: string }[] = [
  { type: 'image/', advice: 'Convert it to PNG or JPEG.' },
  { type: 'audio/', advice: 'Convert it to MP3 or WAV.' },
  { type: 'video/', advice: 'Drop its sound as MP3, or single pictures of it.' },
  { type: 'application/x-cfb', advice: 'Save it as docx, xlsx or pptx, or as PDF.' },
  { type: 'application/', advice: 'Drop its contents as text, PDF or pictures.' },
];
/** An Office file with a password is packed into one of the old kind. */
const LOCKED = Buffer.from('EncryptedPackage', 'utf16le');
const OLD_OFFICE = 'an old Office file (doc, xls, ppt) or a message of Outlook';

/** What a file that is no text is; null where nobody knows. */
export async function binaryKind(bytes: Buffer): Promise<FileKind | null> {
  const { fileTypeFromBuffer } = await import('file-type');
  const type = await fileTypeFromBuffer(bytes).catch(() => undefined);
  if (type === undefined) return null;
  if (IMAGES.has(type.ext)) return { kind: 'image', mediaType: type.ext === 'apng' ? 'image/png' : type.mime };
  const format = AUDIO.get(type.ext);
  return format === undefined ? unsupported(bytes, type) : { kind: 'audio', format };
}

function unsupported(bytes: Buffer, { ext, mime }: { readonly ext: string; readonly mime: string }): FileKind {
  if (ext === 'cfb' && bytes.includes(LOCKED))
    return { kind: 'refused', code: 'encrypted', reason: 'It is locked with a password. Save it without one.' };
  const found = ext === 'cfb' ? OLD_OFFICE : `a file of the type ${ext} (${mime})`;
  const advice = ADVICE.find(({ type }) => mime.startsWith(type))?.advice ?? 'Drop it as text or as PDF.';
  return { kind: 'refused', code: 'unsupported-type', reason: `It is ${found}, which is not taken. ${advice}` };
}
