import type { DocumentRef } from '../domain/document.ts';
import { DiskTrouble } from '../domain/errors.ts';
import type { DocumentRecord } from '../domain/ledger.ts';
import type { LedgerReader } from '../domain/ledger-reader.ts';
import type { Outbox, Recipes } from '../domain/ports.ts';
import { walk } from '../inbox/walk.ts';
import type { Status } from '../report/status.ts';
import { type Standing, standingOf } from '../stages/standing.ts';

export interface CountSettings {
  readonly inbox: string;
  readonly folders: Pick<Outbox, 'resultOf' | 'failedVersion'>;
  readonly recipes: Recipes;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

type Counts = Record<keyof Status['documents'], number>;

/**
 * How the documents stand: those in the inbox as a run would decide it now, and those whose input has left it as the
 * ledger remembers them. Stale are those that were asked of the same API, and otherwise.
 *
 * @throws DiskTrouble
 */
export function countDocuments(reader: LedgerReader | null, settings: CountSettings): Status['documents'] {
  const counts: Counts = { done: 0, failed: 0, held: 0, pending: 0, stale: 0 };
  const records = new Map<string, DocumentRecord>();
  for (const { id, ...record } of reader?.documents() ?? []) records.set(id, record);

  for (const sighting of walk(settings.inbox, '', false)) {
    if (sighting.kind !== 'file') continue;
    const { document } = sighting;
    const record = records.get(document.id);
    addStanding(counts, look(document, record, settings), isComparable(document, record, settings));
    records.delete(document.id);
  }
  for (const [id, record] of records) addRecord(counts, id, record, settings.recipes);
  return counts;
}

/** Null where the way to its result or report is barred: a run would let it wait. */
function look(
  document: DocumentRef,
  record: DocumentRecord | undefined,
  { recipes, folders, now }: CountSettings,
): Standing | null {
  try {
    // Done is done, also where it was asked of another API than a run of these options would ask.
    const recipe = { ...recipes.choose(document), ...(record !== undefined && { api: record.api }) };
    return standingOf(document, record, recipe, folders, { redo: 'changed', now });
  } catch (error) {
    if (error instanceof DiskTrouble) throw error;
    return null;
  }
}

/** Whether it was asked of the API that a run would ask: only then recipes can be told to be the same. */
function isComparable(document: DocumentRef, record: DocumentRecord | undefined, { recipes }: CountSettings): boolean {
  return record?.api === recipes.choose(document).api;
}

function addStanding(counts: Counts, standing: Standing | null, comparable: boolean): void {
  if (standing === null || standing.kind === 'work') {
    counts.pending += 1;
    return;
  }
  const { event } = standing;
  if (event.type === 'document-failed') counts.failed += 1;
  else if (event.type === 'document-held') counts.held += 1;
  else if (event.type === 'document-pending') counts.pending += 1;
  else counts.done += 1;

  if (event.type === 'document-skipped' && event.stale && comparable) counts.stale += 1;
}

/** Without an input, nothing is pending. */
function addRecord(counts: Counts, id: string, record: DocumentRecord, recipes: Recipes): void {
  const { state, api, recipe, size, mtimeMs } = record;
  if (state === 'pending' || state === 'replaced') return;
  counts[state] += 1;
  const now = recipes.choose({ id, size, mtimeMs });
  if (state === 'done' && recipe !== null && api === now.api && recipe !== now.hash) counts.stale += 1;
}
