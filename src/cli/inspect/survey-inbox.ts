import type { DocumentRef } from '../../domain/document.ts';
import { DiskTrouble } from '../../domain/errors.ts';
import type { DocumentRecord } from '../../domain/ledger.ts';
import type { LedgerReader } from '../../domain/ledger-reader.ts';
import type { Recipe, Recipes } from '../../domain/recipe.ts';
import { walk } from '../../inbox/walk.ts';
import { type Standing, type StandingSettings, standingOf } from '../../pipeline/document-status.ts';
import type { FolderLooks } from '../../queries/look-into-folders.ts';

export interface SurveySettings extends Pick<StandingSettings, 'redo' | 'now'> {
  readonly inbox: string;
  readonly folders: FolderLooks;
  readonly recipes: Recipes;
  /** Done is done, also where it was asked of another API than a run would ask. */
  readonly anyApi: boolean;
}

/** A document of the inbox, as a run finds it before it reads it. */
export interface Surveyed {
  readonly document: DocumentRef;
  readonly record: DocumentRecord | undefined;
  readonly recipe: Recipe;
  /** Null where the way to its result or report is barred: a run would let it wait. */
  readonly standing: Standing | null;
}

/** What the ledger remembers of each document, by its id. */
export function recordsOf(reader: LedgerReader | null): Map<string, DocumentRecord> {
  const records = new Map<string, DocumentRecord>();
  for (const { id, ...record } of reader?.documents() ?? []) records.set(id, record);
  return records;
}

/**
 * Every document of the inbox, by stat alone.
 *
 * @throws DiskTrouble
 */
export function* surveyInbox(
  reader: LedgerReader | null,
  records: ReadonlyMap<string, DocumentRecord>,
  settings: SurveySettings,
): Generator<Surveyed> {
  for (const sighting of walk(settings.inbox, '', false)) {
    if (sighting.kind !== 'document') continue;
    const { document } = sighting;
    const record = records.get(document.id);
    const recipe = settings.recipes.choose(document);
    yield { document, record, recipe, standing: look(reader, { document, record, recipe }, settings) };
  }
}

function look(
  reader: LedgerReader | null,
  { document, record, recipe }: Omit<Surveyed, 'standing'>,
  { folders, redo, now, anyApi }: SurveySettings,
): Standing | null {
  const asked = anyApi && record !== undefined ? { ...recipe, api: record.api } : recipe;
  const ledger = {
    resultPath: (id: string) => reader?.history(id).find(({ current }) => current)?.result ?? undefined,
    ownerOf: (path: string) => reader?.ownerOf(path),
  };
  try {
    return standingOf(document, record, asked, { outbox: folders, ledger }, { redo, now });
  } catch (error) {
    if (error instanceof DiskTrouble) throw error;
    return null;
  }
}
