import type { DocumentRef } from '../../domain/document.ts';
import { DiskError } from '../../domain/errors.ts';
import type { Converter } from '../../domain/ports.ts';
import type { LedgerReader, ListedDocument } from '../../domain/receipt.ts';
import type { Recipe, Recipes } from '../../domain/recipe.ts';
import { chosenDocuments } from '../../inbox/scan.ts';
import { Selection, type SelectionOptions } from '../../inbox/selection.ts';
import { errorMessage } from '../../lib/errors.ts';
import { type DocumentStatus, type StatusSettings, statusOf } from '../../pipeline/document-status.ts';
import type { BarredRecipe } from '../../report/words.ts';
import type { FolderLooks } from './workspace.ts';

export interface SurveySettings extends StatusSettings, SelectionOptions {
  readonly inbox: string;
  readonly folders: FolderLooks;
  readonly recipes: Recipes;
  readonly converter: Pick<Converter, 'outdated'>;
  /** A document that another API answered counts as done, too. */
  readonly anyApi: boolean;
  /** Of these options; afterwards it knows which globs matched nothing. @default one of its own */
  readonly selection?: Selection;
}

/** What the ledger knows of a document. */
export type KnownDocument = Omit<ListedDocument, 'id'>;

/** A document of the inbox, as a run finds it before it reads it. */
export interface Surveyed {
  readonly document: DocumentRef;
  readonly record: KnownDocument | undefined;
  readonly recipe: Recipe;
  /** `work`: a run would take it up now. `pending`, too, if the path of its result or report cannot be looked at. */
  readonly state: 'work' | 'done' | 'failed' | 'held' | 'pending';
  /** It is done, and a run would ask something else now. */
  readonly stale: boolean;
  /** Why it waits, as the API asked or as its folders cannot be looked at; null in other states. */
  readonly waits: string | null;
}

/** The ledger's record of each document that counts, by its id. */
export function recordsOf(reader: LedgerReader | null, options: SelectionOptions): Map<string, KnownDocument> {
  const selection = new Selection(options);
  const records = new Map<string, KnownDocument>();
  for (const { id, ...record } of reader?.documents() ?? []) if (selection.counts(id)) records.set(id, record);
  return records;
}

/** Every document of the inbox that counts, by stat alone. Throws a DiskError. */
export function* surveyInbox(
  reader: LedgerReader | null,
  records: ReadonlyMap<string, KnownDocument>,
  { inbox, folders, recipes, converter, anyApi, ...settings }: SurveySettings,
): Generator<Surveyed> {
  const ledger = {
    resultPath: (id: string) => reader?.history(id).find(({ current }) => current)?.result ?? undefined,
    ownerOf: (path: string) => reader?.ownerOf(path),
  };
  const lookups = { outbox: folders, ledger, converter };
  for (const document of chosenDocuments(inbox, settings, settings.selection)) {
    const record = records.get(document.id);
    const recipe = recipes.choose(document);
    const asked = anyApi && record !== undefined ? { ...recipe, api: record.api } : recipe;
    yield { document, record, recipe, ...stateOf(() => statusOf(document, record, asked, lookups, settings)) };
  }
}

const PLAIN = { stale: false, waits: null } as const;

function stateOf(look: () => DocumentStatus): Pick<Surveyed, 'state' | 'stale' | 'waits'> {
  try {
    const status = look();
    if (status.kind === 'work') return { ...PLAIN, state: 'work' };
    const { event } = status;
    if (event.type === 'document-failed') return { ...PLAIN, state: 'failed' };
    if (event.type === 'document-held') return { ...PLAIN, state: 'held' };
    if (event.type === 'document-pending') return { ...PLAIN, state: 'pending', waits: event.reason };
    return { ...PLAIN, state: 'done', stale: event.type === 'document-skipped' && event.stale };
  } catch (error) {
    if (error instanceof DiskError) throw error;
    return { ...PLAIN, state: 'pending', waits: errorMessage(error) };
  }
}

/**
 * Notes in `found` the recipe of a document if it cannot be used, or that the document has none and waits. `waits`: it would
 * be asked if there were a recipe that can be used.
 */
export function noteBarred(found: Map<string, BarredRecipe>, { name, barred }: Recipe, waits: boolean): void {
  if (barred === null || (name === '' && !waits)) return;
  const documents = (found.get(name)?.documents ?? 0) + (waits ? 1 : 0);
  found.set(name, { name, reason: barred, documents });
}
