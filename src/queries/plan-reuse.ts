import { concatMap, from, lastValueFrom, reduce } from 'rxjs';
import type { DocumentRef } from '../domain/document.ts';
import { readDocument } from '../inbox/read-document.ts';
import type { PlanHistory } from './plan-history.ts';

export interface ReuseSettings {
  readonly inbox: string;
  readonly maxBytes: number;
  /** What the ledger holds; empty where it is to be asked all the same. */
  readonly known: PlanHistory['known'];
}

/**
 * Those of `work` that need a call of their own: neither the ledger holds the answer to their bytes, nor does another
 * one of them get it. Reads only what has the size of something else.
 */
export async function withoutReused(
  work: readonly DocumentRef[],
  { known, inbox, maxBytes }: ReuseSettings,
): Promise<readonly DocumentRef[]> {
  const sizes = new Map<number, number>();
  for (const { size } of work) sizes.set(size, (sizes.get(size) ?? 0) + 1);
  const isAlone = ({ size }: DocumentRef): boolean => sizes.get(size) === 1 && !known.has(size);

  const seen = new Set<string>();
  const isFirst = (document: DocumentRef, sha256: string): boolean => {
    if (seen.has(sha256) || known.get(document.size)?.has(sha256) === true) return false;
    seen.add(sha256);
    return true;
  };
  const asked = from(work.filter((document) => !isAlone(document))).pipe(
    concatMap(async (document) => {
      const read = await readDocument({ root: inbox, maxBytes }, document);
      return read.kind !== 'read' || isFirst(document, read.content.sha256) ? [document] : [];
    }),
    reduce((all: DocumentRef[], some) => {
      all.push(...some);
      return all;
    }, work.filter(isAlone)),
  );
  return await lastValueFrom(asked);
}
