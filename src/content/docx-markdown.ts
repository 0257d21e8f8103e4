import type { Texts } from '../inbox/convert/zip.ts';
import { packAgain } from './pack-again.ts';

/** A Word document as Markdown: headings, lists, tables, notes; pictures by their description. */
export async function docxMarkdown(texts: Texts): Promise<string> {
  const [{ default: mammoth }, { htmlToMarkdown }] = await Promise.all([
    import('mammoth'),
    import('../inbox/convert/html.ts'),
  ]);
  const noPicture = mammoth.images.imgElement(() => Promise.resolve({ src: '' }));
  const { value } = await mammoth.convertToHtml({ buffer: packAgain(texts) }, { convertImage: noPicture });
  return htmlToMarkdown(value);
}
