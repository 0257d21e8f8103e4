import type { RecipeIdentity } from '../domain/ledger.ts';
import type { LedgerReader } from '../domain/ledger-reader.ts';
import type { Receipt } from '../domain/receipt.ts';

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
export function askedAlike({ hash }: Pick<RecipeIdentity, 'hash'>, size: number): string {
  return `${hash} ${size}`;
}

/** @throws DiskTrouble */
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
