import type { Converted, Converter } from '../../../src/domain/ports.ts';
import type { PdfEngine } from '../../../src/domain/recipe.ts';
import { createConverter } from '../../../src/inbox/convert/converter.ts';

type Files = Readonly<Record<string, Buffer>>;

const onTheSpot = createConverter({ worker: null });

/** What becomes of a document of these files, by their names, in their order. */
export function converted(
  files: Files,
  pdf: PdfEngine | null = null,
  converter: Converter = onTheSpot,
): Promise<Converted> {
  const document = { id: Object.keys(files)[0] ?? 'nothing', size: 1, mtimeMs: 1 };
  const sources = Object.entries(files).map(([name, bytes]) => ({ name, bytes }));
  return converter.convert({ document, sha256: '', files: sources }, pdf);
}

/** The text of a document that becomes nothing else. */
export async function textOf(name: string, bytes: Buffer, pdf: PdfEngine | null = null): Promise<string> {
  const outcome = await converted({ [name]: bytes }, pdf);
  if (outcome.kind === 'refused') throw new Error(outcome.reason);
  const [part] = outcome.parts;
  if (part?.kind !== 'text' || outcome.parts.length > 1) throw new Error('it is not one text');
  return part.text;
}
