import type { Attachment } from '../domain/recipe.ts';
import type { ReplyExtras, ResultPlace } from '../domain/request.ts';
import type { DocumentFolder } from './document-folder.ts';

const REASONING = '.reasoning.md';
const ANNOTATIONS = '.annotations.json';

const IMAGE_ENDINGS: Readonly<Record<string, string>> = {
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/webp': 'webp',
  'image/gif': 'gif',
};
const OTHER_IMAGE = 'bin';

/** Files what came with an answer, as far as the recipe keeps it, beside the result. */
export async function fileAttachments(
  folder: DocumentFolder,
  place: ResultPlace,
  keep: readonly Attachment[],
  extras: ReplyExtras,
): Promise<void> {
  const files = keep.flatMap((attachment) => filesOf(attachment, extras));
  await Promise.all(files.map(([suffix, content]) => folder.write(place, suffix, content)));
}

/** Removes what was kept of an earlier answer. */
export async function removeAttachments(folder: DocumentFolder, place: ResultPlace): Promise<void> {
  await folder.remove(place, REASONING);
  await folder.remove(place, ANNOTATIONS);
  for (let number = 1; ; number += 1) {
    // oxlint-disable-next-line no-await-in-loop -- how many there are shows one after another
    const removed = await Promise.all(
      [...Object.values(IMAGE_ENDINGS), OTHER_IMAGE].map((ending) => folder.remove(place, imageSuffix(number, ending))),
    );
    if (!removed.includes(true)) return;
  }
}

/** The files of an attachment; none if the reply has none. A suffix follows the result's name. */
function filesOf(
  attachment: Attachment,
  { reasoning = '', annotations = [], images = [] }: ReplyExtras,
): readonly (readonly [suffix: string, content: string | Uint8Array])[] {
  switch (attachment) {
    case 'reasoning':
      return reasoning === '' ? [] : [[REASONING, reasoning]];
    case 'annotations':
      return annotations.length === 0 ? [] : [[ANNOTATIONS, `${JSON.stringify(annotations, null, 2)}\n`]];
    case 'images':
      return images.map(({ mediaType, base64 }, index) => [
        imageSuffix(index + 1, IMAGE_ENDINGS[mediaType] ?? OTHER_IMAGE),
        Buffer.from(base64, 'base64'),
      ]);
  }
}

function imageSuffix(number: number, ending: string): string {
  return `.image-${number}.${ending}`;
}
