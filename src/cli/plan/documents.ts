import type { DocumentRef } from '../../domain/document.ts';
import type { RecipeIdentity } from '../../domain/ledger.ts';
import type { Options } from '../../domain/options.ts';
import type { LedgerReader, Receipt } from '../../domain/receipt.ts';
import type { Recipe } from '../../domain/recipe.ts';
import { readDocument } from '../../inbox/read.ts';
import { Selection } from '../../inbox/selection.ts';
import { countEach, mapAtOnce } from '../../lib/collections.ts';
import { isUsable } from '../../pipeline/document-status.ts';
import type { BarredRecipe } from '../../report/words.ts';
import { noteBarred, recordsOf, type SurveySettings, surveyInbox } from '../inspect/survey-inbox.ts';
import type { Plan } from './plan.ts';

/** Documents that are read, and converted, at once. */
export const READ_AT_ONCE = 4;

/** Documents larger than `maxBytes` are refused. */
export type PlanSettings = Omit<SurveySettings, 'anyApi'> &
  Pick<Options, 'maxBytes' | 'limit'> & {
    /** What the `--redo all` asked that was stopped before its end. */
    readonly asked: ReadonlySet<string>;
  };

/** A document that a run would take up, and what it would be asked with. */
export interface PlannedDocument extends DocumentRef {
  readonly recipe: Recipe;
}

interface PlannedDocuments extends Pick<Plan, 'recipes' | 'unmatched'> {
  /** What a run would take up now. Some may turn out to be reused, others to be refused. */
  readonly work: readonly PlannedDocument[];
  readonly counts: Pick<Plan['documents'], 'skipped' | 'failed' | 'held' | 'pending'>;
  /** How many cannot be sent, by our code for why. */
  readonly refusals: ReadonlyMap<string, number>;
}

/** What a run would do with each document of the inbox, by stat alone. Throws a DiskError. */
export function planDocuments(reader: LedgerReader | null, settings: PlanSettings): PlannedDocuments {
  const counts = { skipped: 0, failed: 0, held: 0, pending: 0 };
  const refusals: string[] = [];
  const barred = new Map<string, BarredRecipe>();
  const work: PlannedDocument[] = [];
  const selection = new Selection(settings);
  let left = settings.limit ?? Number.POSITIVE_INFINITY;
  const survey = { ...settings, selection, anyApi: false };
  for (const surveyed of surveyInbox(reader, recordsOf(reader, settings), survey)) {
    const { document, recipe, state, stale } = surveyed;
    const isRedone = settings.redo === 'all' && (stale || !settings.asked.has(document.id));
    const becomes =
      isRedone && (state === 'done' || state === 'failed') ? 'work' : state === 'done' ? 'skipped' : state;
    noteBarred(barred, recipe, becomes === 'work');
    if (becomes !== 'work') counts[becomes] += 1;
    else if (recipe.barred !== null || left === 0) counts.pending += 1;
    else {
      left -= 1;
      if (document.size === 0) refusals.push('empty');
      else if (document.size > settings.maxBytes) refusals.push('too-large');
      else work.push({ ...document, recipe });
    }
  }
  return { work, counts, refusals: countEach(refusals), recipes: [...barred.values()], unmatched: selection.unmatched };
}

/** One answer that was made by a call. */
export interface PastAnswer {
  readonly completionTokens: number;
  /** Of the attempt that brought it. */
  readonly seconds: number;
}

/** Of an answered document. */
type Answered = Pick<Receipt, 'document' | 'sha256' | 'leftOut' | 'readers'>;

/** Earlier answers in the ledger. */
export interface PlanHistory {
  /** Those to documents that are asked alike, by their `askedAlike` key. */
  readonly known: ReadonlyMap<string, readonly Answered[]>;
  /** Those to a recipe of this name, model and API, also from before the recipe changed. */
  readonly answersOf: (recipe: RecipeIdentity) => readonly PastAnswer[];
}

/** @throws DiskError */
export function readPlanHistory(reader: LedgerReader | null): PlanHistory {
  const known = new Map<string, Answered[]>();
  const answers = new Map<string, PastAnswer[]>();
  for (const { receipt } of reader?.results() ?? []) {
    const { recipe: name, recipeHash: hash, requestedModel: model, api, size } = receipt;
    const { document, sha256, leftOut, readers, completionTokens, seconds, reusedFrom } = receipt;
    const bytes = askedAlike({ hash }, size);
    const answered = known.get(bytes) ?? [];
    answered.push({ document, sha256, leftOut, readers });
    known.set(bytes, answered);
    // A reused answer took no call.
    if (reusedFrom !== null || completionTokens === null) continue;
    const kind = recipeKind({ name, model, api });
    const alike = answers.get(kind) ?? [];
    alike.push({ completionTokens, seconds });
    answers.set(kind, alike);
  }
  return { known, answersOf: (recipe) => answers.get(recipeKind(recipe)) ?? [] };
}

/** The same key for documents of one size and recipe: only these can share an answer. */
function askedAlike({ hash }: Pick<RecipeIdentity, 'hash'>, size: number): string {
  return `${hash} ${size}`;
}

function recipeKind({ name, model, api }: Omit<RecipeIdentity, 'hash'>): string {
  return JSON.stringify([name, model, api]);
}

type ReuseSettings = Pick<PlanHistory, 'known'> & Pick<PlanSettings, 'inbox' | 'maxBytes' | 'converter' | 'redo'>;

/**
 * Those of `work` that need a call: the ledger holds no answer to their bytes, and no other one of them gets it. Reads
 * only documents that have their size and recipe in common with something else.
 */
export async function withoutReused(
  work: readonly PlannedDocument[],
  { known, inbox, maxBytes, converter, redo }: ReuseSettings,
): Promise<readonly PlannedDocument[]> {
  const mayServe = (answer: Answered, { id, recipe }: PlannedDocument): boolean =>
    isUsable({ answer, recipe, isOwn: answer.document === id }, { converter, redo });
  const keyOf = ({ recipe, size }: PlannedDocument): string => askedAlike(recipe, size);
  const counts = countEach(work.map(keyOf));
  const isAlone = (one: PlannedDocument): boolean => counts.get(keyOf(one)) === 1 && !known.has(keyOf(one));
  const alike = work.filter((one) => !isAlone(one));
  const hashes = await mapAtOnce(alike, READ_AT_ONCE, async (one) => {
    const read = await readDocument({ root: inbox, maxBytes }, one);
    return read.kind === 'read' ? read.content.sha256 : null;
  });

  const seen = new Set<string>();
  const asked = alike.filter((one, index) => {
    const sha256 = hashes[index] ?? null;
    if (sha256 === null) return true;
    const circumstances = one.recipe.circumstances(one);
    const bytes = `${keyOf(one)} ${sha256} ${circumstances}`;
    const answers = circumstances === '' ? (known.get(keyOf(one)) ?? []) : [];
    const isReused = seen.has(bytes) || answers.some((answer) => answer.sha256 === sha256 && mayServe(answer, one));
    seen.add(bytes);
    return !isReused;
  });
  return [...work.filter(isAlone), ...asked];
}
