import { createHash } from 'node:crypto';
import type { RecipeIdentity } from '../domain/ledger.ts';

/** Tells answers apart: documents of the same bytes, asked the same of the same API, have the same one. */
export function fingerprintOf(sha256: string, recipe: Pick<RecipeIdentity, 'hash'>): string {
  return createHash('sha256').update(sha256).update(recipe.hash).digest('hex');
}
