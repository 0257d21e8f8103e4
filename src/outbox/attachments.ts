import type { Attachment } from '../domain/recipe.ts';
import type { ReplyExtras, ReplyImage, ResultPlace } from '../domain/request.ts';
import type { DocumentFolder } from './document-folder.ts';

/** A file beside a result. */
interface KeptFile {
  /** What its name has after the result's. */
  readonly suffix: string;
  readonly content: string | Uint8Array;
}

const REASONING = '.reasoning.md';
const ANNOTATIONS = '.annotations.json';

const IMAGE_ENDINGS: Readonly<Record<string, string>> = {
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/webp': 'webp',
  'image/gif': 'gif',
};
const OTHER_IMAGE = 'bin';

/** Files what came with an answer beside its result: what is to be kept of it, and is there. */
export async function fileAttachments(
  folder: DocumentFolder,
  place: ResultPlace,
  keep: readonly Attachment[],
  extras: ReplyExtras,
): Promise<void> {
  const files = keep.flatMap((attachment) => filesOf(attachment, extras));
  await Promise.all(files.map(({ suffix, content }) => folder.write(place, suffix, content)));
}

/** Removes what was kept of an earlier answer. */
export async function removeAttachments(folder: DocumentFolder, place: ResultPlace): Promise<void> {
  await folder.remove(place, REASONING);
  await folder.remove(place, ANNOTATIONS);
  for (let number = 1; ; number += 1) {
    // oxlint-disable-next-line no-await-in-loop -- how many there are shows one after another
    const removed = await Promise.all(imageSuffixes(number).map((suffix) => folder.remove(place, suffix)));
    if (!removed.includes(true)) return;
  }
}

function filesOf(attachment: Attachment, { reasoning = '', annotations = [], images = [] }: ReplyExtras): KeptFile[] {
  switch (attachment) {
    case 'reasoning':
      return reasoning === '' ? [] : [{ suffix: REASONING, content: reasoning }];
    case 'annotations':
      return annotations.length === 0
        ? []
        : [{ suffix: ANNOTATIONS, content: `${JSON.stringify(annotations, null, 2)}\n` }];
    case 'images':
      return images.map((image, index) => imageFile(image, index + 1));
  }
}

function imageFile({ mediaType, base64 }: ReplyImage, number: number): KeptFile {
  const suffix = `.image-${number}.${IMAGE_ENDINGS[mediaType] ?? OTHER_IMAGE}`;
  return { suffix, content: Buffer.from(base64, 'base64') };
}

function imageSuffixes(number: number): string[] {
  return [...Object.values(IMAGE_ENDINGS), OTHER_IMAGE].map((ending) => `.image-${number}.${ending}`);
}
