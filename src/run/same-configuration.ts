import type { Prepared } from './prepare.ts';

/** Stands for any document: the hash of its recipe tells what is asked apart. */
const anyDocument = { id: '', size: 0, mtimeMs: 0 };

/** True where a run would do the same with either. */
export function sameConfiguration(one: Prepared, other: Prepared): boolean {
  return essence(one) === essence(other);
}

function essence({ options, key, recipes }: Prepared): string {
  return JSON.stringify([options, key, recipes.choose(anyDocument).hash]);
}
