import { concatMap, from, lastValueFrom, reduce } from 'rxjs';
import { readDocument } from '../../inbox/read.ts';
import { countEach } from '../../queries/counts.ts';
import { askedAlike, type PlanHistory } from '../../queries/plan-history.ts';
import type { PlannedDocument } from './documents.ts';

export interface ReuseSettings {
  readonly inbox: string;
  readonly maxBytes: number;
  /** What the ledger holds; empty where it is to be asked all the same. */
  readonly known: PlanHistory['known'];
}

/**
 * Those of `work` that need a call of their own: neither the ledger holds the answer to their bytes, nor does another
 * one of them get it. Reads only what has the size of something else that is asked the same.
 */
export async function withoutReused(
  work: readonly PlannedDocument[],
  { known, inbox, maxBytes }: ReuseSettings,
): Promise<readonly PlannedDocument[]> {
  const kinds = countEach(work.map(kindOf));
  const isAlone = (one: PlannedDocument): boolean => kinds.get(kindOf(one)) === 1 && !known.has(kindOf(one));

  const seen = new Set<string>();
  const isFirst = (one: PlannedDocument, sha256: string): boolean => {
    const circumstances = one.recipe.circumstances(one);
    const bytes = `${kindOf(one)} ${sha256} ${circumstances}`;
    const isKnown = circumstances === '' && known.get(kindOf(one))?.has(sha256) === true;
    if (seen.has(bytes) || isKnown) return false;
    seen.add(bytes);
    return true;
  };
  const asked = from(work.filter((one) => !isAlone(one))).pipe(
    concatMap(async (one) => {
      const read = await readDocument({ root: inbox, maxBytes }, one);
      return read.kind !== 'read' || isFirst(one, read.content.sha256) ? [one] : [];
    }),
    reduce((all: PlannedDocument[], some) => {
      all.push(...some);
      return all;
    }, work.filter(isAlone)),
  );
  return await lastValueFrom(asked);
}

function kindOf({ recipe, size }: PlannedDocument): string {
  return askedAlike(recipe, size);
}
