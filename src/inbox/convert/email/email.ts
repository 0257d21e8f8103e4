import libmime from 'libmime';
import type { SourceFile } from '../../../domain/document.ts';
import type { Part } from '../../../domain/request.ts';
import type { FileContent } from '../convert-file.ts';
import { mendC1 } from '../decode-text.ts';
import { RefusalError } from '../file-kind.ts';
import { isBlankText, type Reading } from '../reading.ts';
import { emailBody } from './body.ts';
import { firstField, type MimePart, parseEmail, partText, unpackPart } from './mime.ts';
import { requireReadable, unflow } from './text.ts';
import type { Unpacked } from './transfer-encoding.ts';

/** Converts an attached file; rejects with a `RefusalError` if it cannot be taken. */
type ConvertAttachment = (file: SourceFile) => Promise<FileContent>;

/**
 * An e-mail: its head, its text, and what is attached, each below a line that names it. An attachment that cannot be
 * taken is named with the reason. Without a text, an e-mail of which something was left out is blank.
 */
export async function emailContent(bytes: Buffer, reading: Reading, convert: ConvertAttachment): Promise<FileContent> {
  reading.uses('eml');
  refuseMailbox(bytes);
  const email = parseEmail(bytes);
  refuseSealed(email);
  const before = leftOutCount(reading);
  const cutBefore = reading.leftOut['truncated part'];
  const { texts, attachments } = emailBody(email);
  const body: string[] = [];
  // oxlint-disable-next-line no-await-in-loop -- one after the other
  for (const text of texts) body.push(await textOf(text, attachments, reading));
  const isTextBlank = body.every(isBlankText);
  const head = reading.put(headOf(email, reading));
  const parts: Part[] = [textPart([head, ...body].filter((text) => text !== '').join('\n\n'))];
  let isBlank = isTextBlank;
  for (const attachment of attachments) {
    // oxlint-disable-next-line no-await-in-loop -- one attachment unpacked in memory at a time
    const content = await attached(attachment, reading, convert);
    parts.push(...content.parts);
    isBlank &&= content.isBlank;
  }
  if (isCut(email) && reading.leftOut['truncated part'] === cutBefore)
    parts.push(textPart(reading.leave('truncated part')));
  const isSubjectAll = isBlank && firstField(email.fields, 'subject') !== '' && leftOutCount(reading) === before;
  return { parts, isBlank: isBlank && !isSubjectAll };
}

function textPart(text: string): Part {
  return { kind: 'text', text };
}

function leftOutCount(reading: Reading): number {
  return Object.values(reading.leftOut).reduce((sum, count) => sum + count, 0);
}

function isCut(part: MimePart): boolean {
  return part.isCut || part.parts.some(isCut);
}

/** The line above each e-mail of a mailbox, with what stands before and behind it. */
const SEPARATOR = /^\n\r?\nFrom \S+ [^\n]*\d{4}[^\n]*\n[!-9;-~]+[ \t]*:/;

function refuseMailbox(bytes: Buffer): void {
  if (bytes.toString('latin1', 0, 5) !== 'From ') return;
  for (let at = bytes.indexOf('\nFrom '); at >= 0; at = bytes.indexOf('\nFrom ', at + 1)) {
    const start = bytes[at - 1] === 0x0d ? at - 2 : at - 1;
    if (SEPARATOR.test(bytes.toString('latin1', start, at + 500))) {
      throw new RefusalError(
        'unsupported-type',
        'It is a mailbox with several messages. Save each as a file of its own.',
      );
    }
  }
}

const SEALED = /^(?:application\/(?:x-)?pkcs7-mime|multipart\/encrypted)$/;

function refuseSealed({ type }: MimePart): void {
  if (SEALED.test(type)) {
    throw new RefusalError(
      'encrypted',
      'It is encrypted, or signed as a whole (S/MIME, PGP). Open it in a mail program and save its text or a PDF of it.',
    );
  }
}

const HEAD = ['From', 'Sender', 'Reply-To', 'To', 'Cc', 'Bcc', 'Date', 'Subject'];

function headOf({ fields }: MimePart, reading: Reading): string {
  const lines = HEAD.flatMap((name) =>
    (fields.get(name.toLowerCase()) ?? []).flatMap((value) => {
      const text = mendC1(libmime.decodeWords(value)).replaceAll(/\s+/g, ' ').trim();
      return text === '' ? [] : [`${name}: ${reading.nameUnreadable(text)}`];
    }),
  );
  return lines.join('\n');
}

async function textOf(part: MimePart, attachments: readonly MimePart[], reading: Reading): Promise<string> {
  const { bytes, damage } = unpackPart(part) ?? { bytes: part.raw, damage: 'damaged part' };
  const text = partText(part, bytes);
  requireReadable(text);
  const { type } = part;
  const readable =
    type === 'text/html'
      ? (await import('../html/html.ts')).htmlMarkdown(withPictureNames(text, attachments), reading)
      : says(part, 'format', 'flowed')
        ? unflow(text, says(part, 'delsp', 'yes'))
        : text;
  const pieces = [reading.nameUnreadable(readable.trim()), damage === null ? '' : reading.leave(damage)];
  const told = pieces.filter((piece) => piece !== '').join('\n\n');
  return type === 'text/html' ? told : reading.put(told);
}

function says({ parameters }: MimePart, parameter: string, value: string): boolean {
  return parameters[parameter]?.trim().toLowerCase() === value;
}

/** A picture that is attached (RFC 2392): `[^<>]`, so that no tag is searched twice. */
const PICTURE = /<img\b[^<>]*?\bsrc\s*=\s*["']?cid:([^"'\s<>]+)[^<>]*>/gi;

/** Where a picture is shown that is attached, its name. */
function withPictureNames(html: string, attachments: readonly MimePart[]): string {
  return html.replaceAll(PICTURE, (tag, id: string) => {
    const picture = attachments.find(({ fields }) => firstField(fields, 'content-id').replaceAll(/^<|>$/g, '') === id);
    if (picture === undefined) return tag;
    return `[Attachment: ${nameOf(picture).replaceAll('&', '&amp;').replaceAll('<', '&lt;')}]`;
  });
}

function nameOf({ name, type }: MimePart): string {
  // A message that is attached as a whole has no file name.
  return name ?? (type === 'message/rfc822' ? 'message.eml' : type);
}

async function attached(part: MimePart, reading: Reading, convert: ConvertAttachment): Promise<FileContent> {
  const name = nameOf(part);
  try {
    const { bytes, damage } = fileOf(part);
    const isMessage = part.type === 'message/rfc822' && !/\.eml$/i.test(name);
    const content = await convert({ name: isMessage ? `${name}.eml` : name, bytes });
    const parts = [textPart(`Attachment: ${name}`), ...content.parts];
    if (damage !== null) parts.push(textPart(reading.leave(damage)));
    return { parts, isBlank: content.isBlank };
  } catch (error) {
    if (!(error instanceof RefusalError)) throw error;
    return { parts: [textPart(`${reading.leave('attachment')} ${name}: ${error.message}`)], isBlank: true };
  }
}

/** Types of what is no file to anybody but a mail program, with what to do. */
const UNREADABLE_TYPES: Readonly<Record<string, string>> = {
  'application/ms-tnef': 'Only Outlook reads it. Ask the sender for HTML or plain text.',
  'application/vnd.ms-tnef': 'Only Outlook reads it. Ask the sender for HTML or plain text.',
  'message/external-body': 'It lies elsewhere; the message only says where. Fetch it, and drop it too.',
  'message/partial': 'It is a piece of a message that was sent in several.',
};

/** Bytes of an attached file; those of a text in UTF-8, if it can be read. */
function fileOf(part: MimePart): Unpacked {
  refuseSealed(part);
  const trouble = UNREADABLE_TYPES[part.type];
  if (trouble !== undefined) throw new RefusalError('unsupported-type', trouble);
  const unpacked = unpackPart(part);
  if (unpacked === null) throw new RefusalError('unsupported-type', 'Its transfer encoding is not known.');
  if (!part.type.startsWith('text/') || part.parameters['charset'] === undefined) return unpacked;
  const text = partText(part, unpacked.bytes);
  return text.includes('\u{FFFD}') ? unpacked : { ...unpacked, bytes: Buffer.from(text) };
}
