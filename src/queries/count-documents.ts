import { recordsOf, type Surveyed, type SurveySettings, surveyInbox } from '../cli/inspect/survey-inbox.ts';
import type { DocumentRecord } from '../domain/ledger.ts';
import type { LedgerReader } from '../domain/ledger-reader.ts';
import type { Recipe, Recipes } from '../domain/recipe.ts';
import type { Status } from '../report/status.ts';
import { BarredRecipes } from './barred-recipes.ts';

export type CountSettings = Omit<SurveySettings, 'redo' | 'anyApi'>;

type Counts = Record<keyof Status['documents'], number>;

/**
 * How the documents stand: those in the inbox as a run would decide it now, and those whose input has left it as the
 * ledger remembers them. Stale are those that were asked of the same API, and otherwise.
 *
 * @throws DiskTrouble
 */
export function countDocuments(
  reader: LedgerReader | null,
  settings: CountSettings,
): Pick<Status, 'documents' | 'recipes'> {
  const counts: Counts = { done: 0, failed: 0, held: 0, pending: 0, stale: 0 };
  const barred = new BarredRecipes();
  const records = recordsOf(reader);
  for (const surveyed of surveyInbox(reader, records, { ...settings, redo: 'changed', anyApi: true })) {
    addStanding(counts, surveyed);
    barred.see(surveyed.recipe, surveyed.standing?.kind === 'work');
    records.delete(surveyed.document.id);
  }
  for (const [id, record] of records) addRecord(counts, id, record, settings.recipes);
  return { documents: counts, recipes: barred.list() };
}

function addStanding(counts: Counts, { standing, record, recipe }: Surveyed): void {
  if (standing === null || standing.kind === 'work') {
    counts.pending += 1;
    return;
  }
  const { event } = standing;
  if (event.type === 'document-failed') counts.failed += 1;
  else if (event.type === 'document-held') counts.held += 1;
  else if (event.type === 'document-pending') counts.pending += 1;
  else counts.done += 1;

  if (event.type === 'document-skipped' && event.stale && isComparable(record, recipe)) counts.stale += 1;
}

/** Without an input, nothing is pending. */
function addRecord(counts: Counts, id: string, record: DocumentRecord, recipes: Recipes): void {
  const { state, recipe } = record;
  if (state === 'pending' || state === 'replaced') return;
  counts[state] += 1;
  const now = recipes.choose({ id });
  if (state === 'done' && recipe !== null && recipe !== now.hash && isComparable(record, now)) counts.stale += 1;
}

/** Only of the API that a run would ask, and of a recipe that it could use, can be told whether it is the same. */
function isComparable(record: DocumentRecord | undefined, { api, barred }: Recipe): boolean {
  return record?.api === api && barred === null;
}
