import { convertFile } from '../../content/convert-file.ts';
import { joinTexts } from '../../content/join-texts.ts';
import type { SourceFile } from '../../domain/document.ts';
import { errorMessage } from '../../domain/errors.ts';
import type { Converted } from '../../domain/ports.ts';
import type { PdfEngine } from '../../domain/recipe.ts';
import type { Part } from '../../domain/request.ts';
import { Refusal } from './refusal.ts';

/** The parts of a document of one file, or of several, each then below a line that names it. Never rejects. */
export async function convertFiles(files: readonly SourceFile[], pdf: PdfEngine | null): Promise<Converted> {
  const parts: Part[] = [];
  let blank = true;
  for (const file of files) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- one file unpacked in memory at a time
      const converted = await convertFile(file, pdf);
      blank &&= converted.every(isBlank);
      parts.push(...named(file, converted, files.length > 1));
    } catch (error) {
      return refused(error, files.length > 1 ? file.name : null);
    }
  }
  return blank ? BLANK : { kind: 'converted', parts: joinTexts(parts) };
}

/** Of a document with nothing to ask about. */
export const BLANK: Converted = { kind: 'refused', code: 'blank', reason: 'There is nothing in it but white space.' };

export function isBlank(part: Part): boolean {
  return part.kind === 'text' && !/\S/.test(part.text);
}

function named({ name }: SourceFile, parts: readonly Part[], several: boolean): readonly Part[] {
  return several ? [{ kind: 'text', text: `File: ${name}` }, ...parts] : parts;
}

function refused(error: unknown, name: string | null): Converted {
  const code = error instanceof Refusal ? error.code : 'broken-document';
  return { kind: 'refused', code, reason: name === null ? errorMessage(error) : `${name}: ${errorMessage(error)}` };
}
