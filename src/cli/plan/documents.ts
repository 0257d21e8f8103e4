import type { DocumentRef } from '../../domain/document.ts';
import type { LedgerReader } from '../../domain/receipt.ts';
import type { Recipe } from '../../domain/recipe.ts';
import { BarredRecipes, recordsOf, type Surveyed, type SurveySettings, surveyInbox } from '../inspect/survey-inbox.ts';
import { type Counts, countOne, type Plan } from './plan.ts';

export interface PlanSettings extends Omit<SurveySettings, 'anyApi'> {
  /** Larger documents are refused. */
  readonly maxBytes: number;
}

/** A document that a run would take up, and what it would be asked with. */
export interface PlannedDocument extends DocumentRef {
  readonly recipe: Recipe;
}

/** Of the inbox, by stat alone. */
export interface PlannedDocuments extends Pick<Plan, 'recipes'> {
  /** What a run would take up now. Some may turn out to be reused, others to be refused. */
  readonly work: readonly PlannedDocument[];
  readonly counts: Readonly<Record<Fate, number>>;
  /** What cannot be sent, by our words for why. */
  readonly refusals: Counts;
}

type Fate = Exclude<keyof Plan['documents'], 'asked' | 'reused' | 'refused'>;

/**
 * What a run would do with each document of the inbox.
 *
 * @throws DiskError
 */
export function planDocuments(reader: LedgerReader | null, settings: PlanSettings): PlannedDocuments {
  const counts: Record<Fate, number> = { skipped: 0, failed: 0, held: 0, pending: 0 };
  const refusals = new Map<string, number>();
  const barred = new BarredRecipes();
  const work: PlannedDocument[] = [];
  for (const surveyed of surveyInbox(reader, recordsOf(reader), { ...settings, anyApi: false })) {
    const { document, recipe } = surveyed;
    const fate = fateOf(surveyed, settings);
    barred.see(recipe, fate === 'work');
    if (fate !== 'work') counts[fate] += 1;
    else if (recipe.barred !== null) counts.pending += 1;
    else if (document.size === 0) countOne(refusals, 'empty');
    else if (document.size > settings.maxBytes) countOne(refusals, 'too-large');
    else work.push({ ...document, recipe });
  }
  return { work, counts, refusals, recipes: barred.list() };
}

function fateOf({ standing }: Surveyed, { redo }: PlanSettings): Fate | 'work' {
  if (standing === null) return 'pending';
  if (standing.kind === 'work') return 'work';
  const { type } = standing.event;
  if (type === 'document-failed') return 'failed';
  if (type === 'document-held') return 'held';
  if (type === 'document-pending') return 'pending';
  return redo === 'all' ? 'work' : 'skipped';
}
