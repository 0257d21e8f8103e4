import type { Prepared } from './prepare.ts';

/** True where a run would do the same with either. Recipes are looked at while they are used, whatever the configuration. */
export function sameConfiguration(one: Prepared, other: Prepared): boolean {
  return essence(one) === essence(other);
}

function essence({ options, key }: Prepared): string {
  return JSON.stringify([options, key]);
}
