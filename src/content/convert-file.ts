import type { SourceFile } from '../domain/document.ts';
import type { PdfEngine } from '../domain/recipe.ts';
import type { Part } from '../domain/request.ts';
import { type FileKind, fileKind } from '../inbox/convert/file-kind.ts';
import { Refusal } from '../inbox/convert/refusal.ts';

/** E-mails in e-mails; deeper ones are left out. */
const DEEPEST_EMAIL = 5;

/** The parts of one file. Rejects with a `Refusal` where it cannot be sent as it is. `depth` is that of e-mails in e-mails. */
export async function convertFile(file: SourceFile, pdf: PdfEngine | null, depth = 0): Promise<readonly Part[]> {
  const kind = await fileKind(file);
  try {
    return await partsOf(file, kind, pdf, depth);
  } catch (error) {
    if (error instanceof Refusal) throw error;
    // Without the library's own words: they may quote the document.
    throw new Refusal('broken-document', 'It is damaged, and cannot be read. Save it again.');
  }
}

async function partsOf(
  file: SourceFile,
  kind: FileKind,
  pdf: PdfEngine | null,
  depth: number,
): Promise<readonly Part[]> {
  const { name, bytes } = file;
  switch (kind.kind) {
    case 'text':
      return [{ kind: 'text', text: kind.text }];
    case 'image':
      return [{ kind: 'image', mediaType: kind.mediaType, bytes }];
    case 'audio':
      return [{ kind: 'audio', format: kind.format, bytes }];
    case 'pdf':
      return pdf === 'text' ? textOf(bytes, kind.kind) : [{ kind: 'file', name, mediaType: 'application/pdf', bytes }];
    case 'archive':
      return textOf(bytes, kind.kind);
    case 'email':
      return email(bytes, pdf, depth);
    case 'refused':
      throw new Refusal(kind.code, kind.reason);
  }
}

// What converts is loaded when it is needed: most runs need none of it.

async function textOf(bytes: Buffer, kind: 'pdf' | 'archive'): Promise<readonly Part[]> {
  const convert =
    kind === 'pdf'
      ? (await import('../inbox/convert/pdf.ts')).pdfText
      : (await import('../inbox/convert/office.ts')).convertArchive;
  return [{ kind: 'text', text: await convert(bytes) }];
}

async function email(bytes: Buffer, pdf: PdfEngine | null, depth: number): Promise<readonly Part[]> {
  if (depth > DEEPEST_EMAIL) throw new Refusal('unsupported-type', 'It is too deep in other messages.');
  const { emailParts } = await import('../inbox/convert/email.ts');
  return emailParts(bytes, (name, content) => convertFile({ name, bytes: content }, pdf, depth + 1));
}
