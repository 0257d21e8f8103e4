import type { DocumentVersion } from '../domain/ledger.ts';

/** What a version stands under in the ledger; one that was never read whole, under an empty hash. */
export function keyOf({ document, sha256 }: DocumentVersion): Record<'document' | 'sha256', string> {
  return { document: document.id, sha256: sha256 ?? '' };
}
