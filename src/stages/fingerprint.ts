import { createHash } from 'node:crypto';
import type { DocumentRef } from '../domain/document.ts';
import type { Recipe } from '../domain/recipe.ts';
import type { Prompt } from '../domain/request.ts';

interface AskedVersion {
  readonly document: DocumentRef;
  /** Of the bytes. */
  readonly sha256: string;
}

/** Tells answers apart: documents of the same bytes, asked the same of the same API, have the same one. */
export function fingerprintOf(
  { document, sha256 }: AskedVersion,
  recipe: Pick<Recipe, 'hash' | 'circumstances'>,
): string {
  const hash = createHash('sha256').update(sha256).update(recipe.hash);
  return hash.update(recipe.circumstances(document)).digest('hex');
}

/**
 * What the reply to one of a document's requests is kept under: the one that follows on so many replies, and says this.
 * Not how it is sent, nor how long an answer it leaves room for: these change with flags, prices and what is known of the
 * model, and a reply that was paid for is good all the same.
 */
export function replyKeyOf(fingerprint: string, replies: number, { model, messages }: Prompt): string {
  const key = createHash('sha256').update(JSON.stringify([fingerprint, replies, model]));
  for (const { role, content } of messages) {
    const parts = typeof content === 'string' ? [{ kind: 'text' as const, text: content }] : content;
    // What has no text is the document's own, of which the fingerprint tells.
    const texts = parts.map((part) => [part.kind, part.kind === 'text' ? part.text : '']);
    key.update(JSON.stringify([role, texts]));
  }
  return key.digest('hex');
}
