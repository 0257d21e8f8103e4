import { asObject } from './json.ts';
import type { ParsedReply } from './reply/reply.ts';

/**
 * In characters of JSON: some hundred pages of text. What is larger, as where it holds images, is parsed again rather than
 * kept by each of the documents that wait.
 */
const LARGEST = 300_000;

/** What the API parsed out of files, though no answer came of it; null where it is nothing, or too much to keep. */
export function parsedFiles({ error, annotations }: ParsedReply): readonly unknown[] | null {
  const files = [...(error?.fileAnnotations ?? []), ...annotations].filter((told) => asObject(told)['type'] === 'file');
  return files.length === 0 || JSON.stringify(files).length > LARGEST ? null : files;
}
