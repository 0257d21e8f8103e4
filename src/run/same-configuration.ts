import type { Prepared } from './prepare.ts';

/** Stands for any document: what would be asked of it tells recipes apart. */
const anyDocument = { document: { id: '', size: 0, mtimeMs: 0 }, sha256: '', text: '' };

/** True where a run would do the same with either. */
export function sameConfiguration(one: Prepared, other: Prepared): boolean {
  return essence(one) === essence(other);
}

function essence({ options, key, recipes }: Prepared): string {
  return JSON.stringify([options, key, recipes.choose(anyDocument.document).render(anyDocument)]);
}
