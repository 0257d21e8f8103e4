import type { SourceFile } from '../../domain/document.ts';
import type { Converted } from '../../domain/ports.ts';
import type { PdfEngine } from '../../domain/recipe.ts';
import type { Part } from '../../domain/request.ts';
import { errorMessage } from '../../lib/errors.ts';
import { fileKind, RefusalError } from './file-kind.ts';

/** The parts of a document of one file, or of several, each then below a line that names it. Never rejects. */
export async function convertFiles(files: readonly SourceFile[], pdf: PdfEngine | null): Promise<Converted> {
  const parts: Part[] = [];
  let blank = true;
  for (const file of files) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- one file unpacked in memory at a time
      const converted = await convertFile(file, pdf);
      blank &&= converted.every(isBlank);
      if (files.length > 1) parts.push({ kind: 'text', text: `File: ${file.name}` });
      parts.push(...converted);
    } catch (error) {
      const code = error instanceof RefusalError ? error.code : 'broken-document';
      const message = errorMessage(error);
      return { kind: 'refused', code, reason: files.length > 1 ? `${file.name}: ${message}` : message };
    }
  }
  return blank ? BLANK : { kind: 'converted', parts: joinTexts(parts) };
}

/** Of a document with nothing to ask about. */
export const BLANK: Converted = { kind: 'refused', code: 'blank', reason: 'There is nothing in it but white space.' };

export function isBlank(part: Part): boolean {
  return part.kind === 'text' && !/\S/.test(part.text);
}

/** E-mails in e-mails; deeper ones are left out. */
const DEEPEST_EMAIL = 5;

/** The parts of one file. Rejects with a `RefusalError` if it cannot be sent. `depth` counts e-mails in e-mails. */
async function convertFile(file: SourceFile, pdf: PdfEngine | null, depth = 0): Promise<readonly Part[]> {
  const { name, bytes } = file;
  const kind = await fileKind(file);
  try {
    // Converters are loaded when they are needed: most runs need none.
    switch (kind.kind) {
      case 'text':
        return [{ kind: 'text', text: kind.text }];
      case 'image':
        return [{ kind: 'image', mediaType: kind.mediaType, bytes }];
      case 'audio':
        return [{ kind: 'audio', format: kind.format, bytes }];
      case 'pdf':
        if (pdf !== 'text') return [{ kind: 'file', name, mediaType: 'application/pdf', bytes }];
        return [{ kind: 'text', text: await (await import('./pdf.ts')).pdfText(bytes) }];
      case 'archive':
        return [{ kind: 'text', text: await (await import('./office.ts')).convertArchive(bytes) }];
      case 'email': {
        if (depth > DEEPEST_EMAIL) throw new RefusalError('unsupported-type', 'It is too deep in other messages.');
        const { emailParts } = await import('./email.ts');
        return await emailParts(bytes, (attachment) => convertFile(attachment, pdf, depth + 1));
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
