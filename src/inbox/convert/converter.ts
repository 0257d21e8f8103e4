import { availableParallelism } from 'node:os';
import { extname } from 'node:path';
import type { SourceFile } from '../../domain/document.ts';
import type { Converted, Converter } from '../../domain/ports.ts';
import type { PdfEngine } from '../../domain/recipe.ts';
import type { Part } from '../../domain/request.ts';
import { blankRefusal, convertFiles } from './convert-file.ts';
import { fileKind, plainKind } from './file-kind.ts';
import { isPlainPdf } from './pdf-damage.ts';
import { ProcessPool, type ProcessPoolSettings } from './process-pool.ts';
import { isBlankText, outdatedFormats } from './reading.ts';

interface ConverterSettings extends Partial<Omit<ProcessPoolSettings, 'worker'>> {
  /** What converts, in processes of their own (`CONVERT_WORKER`); null: everything is converted in this one. */
  readonly worker: URL | null;
  /** Characters of a document that are sent, at most. @default all */
  readonly truncate?: number | null;
  /** How PDFs are read of which the recipe says nothing. @default as they are */
  readonly pdf?: PdfEngine | null;
}

/** The file that lies beside this one, in the bundle too. */
export const CONVERT_WORKER = new URL(`./convert-worker${extname(import.meta.url)}`, import.meta.url);

/** So that one document that takes long does not hold up all others. */
const FEWEST_PROCESSES = 2;
const MOST_PROCESSES = 4;
/** A large workbook takes seconds, and many on a busy machine. */
const SECONDS = 60;
const MEGABYTES = 1024;

/**
 * Converts documents to what a model takes. Plain text is converted at once, in this thread; pictures, sounds and PDFs
 * pass as they are; all else goes to another process. `convert` rejects only with `StoppedError`, if `closing` comes first.
 */
export function createConverter(settings: ConverterSettings): Converter {
  const processes = Math.max(FEWEST_PROCESSES, Math.min(MOST_PROCESSES, availableParallelism() - 1));
  const {
    worker,
    truncate = null,
    pdf: unsaid = null,
    ...limits
  } = { processes, seconds: SECONDS, megabytes: MEGABYTES, ...settings };
  const pool = worker === null ? null : new ProcessPool({ program: worker, ...limits, worker });
  const work = async (files: readonly SourceFile[], pdf: PdfEngine | null): Promise<Converted> =>
    pool !== null && (await isHeavy(files, pdf)) ? pool.run({ files, pdf }) : convertFiles(files, pdf);
  return {
    convert: async ({ files }, pdf) => {
      const whole = plainText(files) ?? (await work(files, pdf ?? unsaid));
      if (truncate === null || whole.kind === 'refused') return whole;
      return { ...whole, parts: cutParts(whole.parts, truncate) };
    },
    outdated: (readers, { id }, pdf) => outdatedFormats(readers, id, (pdf ?? unsaid) === 'text'),
  };
}

/** What a document of one text is converted to; null if it is none. */
function plainText([file, ...others]: readonly SourceFile[]): Converted | null {
  const kind = file === undefined || others.length > 0 ? null : plainKind(file);
  if (kind?.kind !== 'text') return null;
  if (isBlankText(kind.text)) return blankRefusal({});
  return { kind: 'converted', parts: [{ kind: 'text', text: kind.text }], leftOut: {}, readers: [] };
}

/** Whether a file takes long to convert, or might be made to. */
async function isHeavy(files: readonly SourceFile[], pdf: PdfEngine | null): Promise<boolean> {
  const heavy = files.map(async (file) => {
    const { kind } = await fileKind(file);
    return kind === 'archive' || kind === 'email' || (kind === 'pdf' && (pdf === 'text' || !isPlainPdf(file.bytes)));
  });
  return (await Promise.all(heavy)).includes(true);
}

/** The first characters of what is text in the parts; what is none stays whole. */
function cutParts(parts: readonly Part[], characters: number): readonly Part[] {
  let left = characters;
  return parts.flatMap((part): Part[] => {
    if (part.kind !== 'text') return [part];
    const text = firstCharacters(part.text, left);
    left -= Array.from(text).length;
    return text === '' ? [] : [{ kind: 'text', text }];
  });
}

/** The first characters of a text, counted as code points: an emoji is one, and never cut in two. */
export function firstCharacters(text: string, count: number): string {
  if (text.length <= count) return text;
  let end = 0;
  for (let left = count; left > 0 && end < text.length; left -= 1)
    end += (text.codePointAt(end) ?? 0) > 0xff_ff ? 2 : 1;
  return text.slice(0, end);
}
