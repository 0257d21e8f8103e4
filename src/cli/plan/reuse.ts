import { concatMap, from, lastValueFrom, reduce } from 'rxjs';
import type { RecipeIdentity } from '../../domain/ledger.ts';
import type { LedgerReader, Receipt } from '../../domain/receipt.ts';
import { readDocument } from '../../inbox/read.ts';
import type { PlannedDocument } from './documents.ts';
import { countEach } from './plan.ts';

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

/** One answer that was made by a call. */
export interface PastAnswer {
  readonly completionTokens: number;
  /** Of the attempt that brought it. */
  readonly seconds: number;
}

/** What the ledger tells of earlier answers. */
export interface PlanHistory {
  /** SHA-256 of the documents whose answers it holds, by `askedAlike`. */
  readonly known: ReadonlyMap<string, ReadonlySet<string>>;
  /** By a recipe of this name from its model, also as it was before it changed. */
  readonly answersOf: (recipe: RecipeIdentity) => readonly PastAnswer[];
}

/** The same for documents of one size that are asked the same: only of these may one have the answer to another. */
function askedAlike({ hash }: Pick<RecipeIdentity, 'hash'>, size: number): string {
  return `${hash} ${size}`;
}

/** @throws DiskError */
export function readPlanHistory(reader: LedgerReader | null): PlanHistory {
  const known = new Map<string, Set<string>>();
  const answers = new Map<string, PastAnswer[]>();
  for (const { receipt } of reader?.results() ?? []) {
    const { recipe: name, recipeHash: hash, requestedModel: model, api, size, sha256 } = receipt;
    groupOf(known, askedAlike({ hash }, size), () => new Set<string>()).add(sha256);
    const answer = answerOf(receipt);
    if (answer !== null) groupOf(answers, recipeKind({ name, model, api }), (): PastAnswer[] => []).push(answer);
  }
  return { known, answersOf: (recipe) => answers.get(recipeKind(recipe)) ?? [] };
}

function groupOf<Group>(groups: Map<string, Group>, key: string, make: () => Group): Group {
  const group = groups.get(key) ?? make();
  groups.set(key, group);
  return group;
}

function recipeKind({ name, model, api }: Omit<RecipeIdentity, 'hash'>): string {
  return JSON.stringify([name, model, api]);
}

/** One that was reused took no call. */
function answerOf({ completionTokens, seconds, reusedFrom }: Receipt): PastAnswer | null {
  return reusedFrom !== null || completionTokens === null ? null : { completionTokens, seconds };
}
