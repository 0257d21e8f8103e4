import type { DocumentRef } from '../../domain/document.ts';
import { DiskError } from '../../domain/errors.ts';
import type { DocumentRecord } from '../../domain/ledger.ts';
import type { LedgerReader } from '../../domain/receipt.ts';
import type { Recipe, Recipes } from '../../domain/recipe.ts';
import { walk } from '../../inbox/scan.ts';
import { type DocumentStatus, type StatusSettings, statusOf } from '../../pipeline/document-status.ts';
import type { BarredRecipe } from '../../report/words.ts';
import type { FolderLooks } from './ledger.ts';

export interface SurveySettings extends Pick<StatusSettings, 'redo' | 'now'> {
  readonly inbox: string;
  readonly folders: FolderLooks;
  readonly recipes: Recipes;
  /** Done is done, also if another API was asked than a run would ask. */
  readonly anyApi: boolean;
}

/** A document of the inbox, as a run finds it before it reads it. */
export interface Surveyed {
  readonly document: DocumentRef;
  readonly record: DocumentRecord | undefined;
  readonly recipe: Recipe;
  /** Null if the path of its result or report cannot be looked at: a run would let it wait. */
  readonly status: DocumentStatus | null;
}

/** The ledger's record of each document, by its id. */
export function recordsOf(reader: LedgerReader | null): Map<string, DocumentRecord> {
  const records = new Map<string, DocumentRecord>();
  for (const { id, ...record } of reader?.documents() ?? []) records.set(id, record);
  return records;
}

/**
 * Every document of the inbox, by stat alone.
 *
 * @throws DiskError
 */
export function* surveyInbox(
  reader: LedgerReader | null,
  records: ReadonlyMap<string, DocumentRecord>,
  settings: SurveySettings,
): Generator<Surveyed> {
  for (const entry of walk(settings.inbox, '', false)) {
    if (entry.kind !== 'document') continue;
    const { document } = entry;
    const record = records.get(document.id);
    const recipe = settings.recipes.choose(document);
    yield { document, record, recipe, status: look(reader, { document, record, recipe }, settings) };
  }
}

function look(
  reader: LedgerReader | null,
  { document, record, recipe }: Omit<Surveyed, 'status'>,
  { folders, redo, now, anyApi }: SurveySettings,
): DocumentStatus | null {
  const asked = anyApi && record !== undefined ? { ...recipe, api: record.api } : recipe;
  const ledger = {
    resultPath: (id: string) => reader?.history(id).find(({ current }) => current)?.result ?? undefined,
    ownerOf: (path: string) => reader?.ownerOf(path),
  };
  try {
    return statusOf(document, record, asked, { outbox: folders, ledger }, { redo, now });
  } catch (error) {
    if (error instanceof DiskError) throw error;
    return null;
  }
}

/** Collects the recipes that cannot be used, while documents are looked at. */
export class BarredRecipes {
  readonly #recipes = new Map<string, BarredRecipe>();

  /** `waits`: the document would be asked if its recipe could be used. */
  see({ name, barred }: Pick<Recipe, 'name' | 'barred'>, waits: boolean): void {
    if (barred === null) return;
    const documents = (this.#recipes.get(name)?.documents ?? 0) + (waits ? 1 : 0);
    this.#recipes.set(name, { name, reason: barred, documents });
  }

  list(): readonly BarredRecipe[] {
    return [...this.#recipes.values()];
  }
}
