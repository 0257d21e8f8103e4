import type { Address, Attachment, Email } from 'postal-mime';
import type { SourceFile } from '../../domain/document.ts';
import type { Part } from '../../domain/request.ts';
import { RefusalError } from './file-kind.ts';

/** Converts an attached file; rejects with a `RefusalError` if it cannot be taken. */
type ConvertAttachment = (file: SourceFile) => Promise<readonly Part[]>;

/**
 * An e-mail: its head, its text, and what is attached, each below a line that names it. An attachment that cannot be
 * taken is named as left out.
 */
export async function emailParts(bytes: Buffer, convert: ConvertAttachment): Promise<readonly Part[]> {
  const { default: PostalMime } = await import('postal-mime');
  const email = await PostalMime.parse(bytes, { forceRfc822Attachments: true });
  const text = `${headOf(email)}\n\n${await bodyOf(email)}`.trim();
  const parts: Part[] = [{ kind: 'text', text }];
  // oxlint-disable-next-line no-await-in-loop -- one attachment unpacked in memory at a time
  for (const attachment of email.attachments) parts.push(...(await attached(attachment, convert)));
  return parts;
}

function headOf({ from, to, cc, date, subject }: Email): string {
  const lines = [
    ['From', from === undefined ? '' : addressText(from)],
    ['To', (to ?? []).map(addressText).join(', ')],
    ['Cc', (cc ?? []).map(addressText).join(', ')],
    ['Date', date ?? ''],
    ['Subject', subject ?? ''],
  ];
  return lines.flatMap(([name, value]) => (value === '' ? [] : [`${name}: ${value}`])).join('\n');
}

function addressText(address: Address): string {
  if (address.group !== undefined) return `${address.name}: ${address.group.map(addressText).join(', ')}`;
  return address.name === '' ? address.address : `${address.name} <${address.address}>`;
}

async function bodyOf({ text, html }: Email): Promise<string> {
  if (text !== undefined && text.trim() !== '') return text.trim();
  if (html === undefined) return '';
  const { htmlToMarkdown } = await import('./html.ts');
  return htmlToMarkdown(html);
}

async function attached(attachment: Attachment, convert: ConvertAttachment): Promise<readonly Part[]> {
  const { filename, mimeType, content } = attachment;
  // A message that is attached as a whole has no file name.
  const name = filename ?? (mimeType === 'message/rfc822' ? 'message.eml' : mimeType);
  const bytes = typeof content === 'string' ? Buffer.from(content) : Buffer.from(new Uint8Array(content).buffer);
  try {
    const parts = await convert({ name, bytes });
    return [{ kind: 'text', text: `Attachment: ${name}` }, ...parts];
  } catch (error) {
    if (!(error instanceof RefusalError)) throw error;
    return [{ kind: 'text', text: `Attachment left out: ${name}. ${error.message}` }];
  }
}
