import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DocumentRef, isSameState } from '../../domain/document.ts';
import type { DocumentRecord } from '../../domain/ledger.ts';
import type { LedgerReader } from '../../domain/receipt.ts';
import type { Recipe } from '../../domain/recipe.ts';
import { countEach, groupBy } from '../../lib/collections.ts';
import { orUndefined } from '../../lib/errors.ts';
import { asObject, parseJson } from '../../lib/json.ts';
import { staleness } from '../../pipeline/document-status.ts';
import type { BarredRecipe } from '../../report/words.ts';
import {
  type KnownDocument,
  noteBarred,
  recordsOf,
  type Surveyed,
  type SurveySettings,
  surveyInbox,
} from './survey-inbox.ts';
import { reportName } from './workspace.ts';

export interface CountSettings extends Omit<SurveySettings, 'redo' | 'anyApi'> {
  /** The folder of the reports. */
  readonly failed: string;
  /** Where documents lie is not looked at: those that the ledger knows count as they were. @default false */
  readonly elsewhere?: boolean;
}

/** Documents that failed, or are held, for one reason. */
export interface ReasonGroup {
  /** Our word; null if neither the ledger nor a report tells one. */
  readonly code: string | null;
  readonly documents: readonly { readonly document: string; readonly reason: string }[];
}

/** Why documents are pending. */
export interface WaitingGroup {
  readonly reason: string;
  readonly documents: number;
  /** When the first of them is due: ISO 8601, UTC; null if no time is set. */
  readonly dueAt: string | null;
}

/** How the documents of a workspace stand. */
export interface Counts {
  /** `stale`: those of `done` that a run would ask something else now. */
  readonly documents: Readonly<Record<'done' | 'failed' | 'held' | 'pending' | 'stale', number>>;
  /** Those of `stale` whose document is no longer in the inbox: there is nothing to ask again. */
  readonly staleGone: number;
  /** Those of `stale` that were read by a reader of another revision, by format. */
  readonly outdatedReaders: Readonly<Record<string, number>>;
  /** Those of `done` in the inbox that another API answered, by that: a run would ask them again. */
  readonly answeredElsewhere: Readonly<Record<string, number>>;
  /** The most frequent first. */
  readonly failures: readonly ReasonGroup[];
  readonly heldBack: readonly ReasonGroup[];
  readonly waiting: readonly WaitingGroup[];
  /** Recipes of documents in the inbox that cannot be used as they are. */
  readonly recipes: readonly BarredRecipe[];
}

/**
 * How the documents stand: those in the inbox as a run would decide it now, and those whose input has left it as the
 * ledger remembers them. Throws a DiskError.
 */
export function countDocuments(reader: LedgerReader | null, settings: CountSettings): Counts {
  const counts = { done: 0, failed: 0, held: 0, pending: 0, stale: 0 };
  let staleGone = 0;
  const outdated: string[] = [];
  const elsewhere: string[] = [];
  const barred = new Map<string, BarredRecipe>();
  const stopped = { failed: [] as Stopped[], held: [] as Stopped[] };
  const waiting: Waits[] = [];
  const records = recordsOf(reader, settings);
  const outdatedOf = ({ readers }: DocumentRecord, document: Pick<DocumentRef, 'id'>, { handling }: Recipe) =>
    settings.converter.outdated(readers, document, handling.pdf);
  for (const surveyed of surveyInbox(reader, records, { ...settings, redo: 'changed', anyApi: true })) {
    const { document, record, recipe, state } = surveyed;
    counts[state === 'work' ? 'pending' : state] += 1;
    if (surveyed.stale && isComparable(record, recipe)) {
      counts.stale += 1;
      outdated.push(...outdatedOf(record, document, recipe));
    }
    if (state === 'done' && record !== undefined && record.api !== recipe.api) elsewhere.push(record.api);
    if (state === 'failed' || state === 'held') {
      const { id } = document;
      stopped[state].push(record === undefined ? reported(settings.failed, id) : stoppedBy(id, record));
    }
    if (state === 'work' || state === 'pending') waiting.push(waitOf(surveyed));
    noteBarred(barred, recipe, state === 'work');
    records.delete(document.id);
  }
  for (const [id, record] of records) {
    const { state } = record;
    // Without an input there is nothing to ask.
    if (state === 'pending' || state === 'replaced') {
      if (settings.elsewhere === true) counts.pending += 1;
      continue;
    }
    counts[state] += 1;
    if (state !== 'done') {
      stopped[state].push(stoppedBy(id, record));
      continue;
    }
    const now = settings.recipes.choose({ id });
    if (!isComparable(record, now) || staleness(record, { id }, now, settings.converter) === null) continue;
    counts.stale += 1;
    if (settings.elsewhere !== true) staleGone += 1;
    outdated.push(...outdatedOf(record, { id }, now));
  }
  return {
    documents: counts,
    staleGone,
    outdatedReaders: Object.fromEntries(countEach(outdated)),
    answeredElsewhere: Object.fromEntries(countEach(elsewhere)),
    failures: byReason(stopped.failed),
    heldBack: byReason(stopped.held),
    waiting: sumUp(waiting),
    recipes: [...barred.values()],
  };
}

/** Whether a record is of the API that a run would ask, and the recipe can be used. */
function isComparable(record: DocumentRecord | undefined, { api, barred }: Recipe): record is DocumentRecord {
  return record?.api === api && barred === null;
}

interface Stopped {
  readonly code: string | null;
  readonly document: string;
  readonly reason: string;
}

const UNTOLD = 'why is not known';

function stoppedBy(document: string, { code, reason }: KnownDocument): Stopped {
  return { code, document, reason: reason ?? UNTOLD };
}

/** What its report says of a document that the ledger does not know. */
function reported(folder: string, id: string): Stopped {
  const text = orUndefined(() => readFileSync(join(folder, `${reportName(id)}.error.json`), 'utf8'));
  const { code, reason } = asObject(parseJson(text ?? ''));
  return {
    code: typeof code === 'string' ? code : null,
    document: id,
    reason: typeof reason === 'string' ? reason : UNTOLD,
  };
}

function byReason(all: readonly Stopped[]): readonly ReasonGroup[] {
  const groups = groupBy(all, ({ code }) => code ?? '');
  return Array.from(groups.values(), (group) => ({
    code: group[0].code,
    documents: group.map(({ document, reason }) => ({ document, reason })),
  })).toSorted((one, other) => other.documents.length - one.documents.length);
}

/** `dueAt` in milliseconds since the epoch. */
interface Waits {
  readonly reason: string;
  readonly dueAt: number | null;
}

function waitOf({ document, state, record, recipe, waits }: Surveyed): Waits {
  if (state === 'pending') return { reason: waits ?? UNTOLD, dueAt: record?.dueAt ?? null };
  if (recipe.barred !== null) return { reason: 'waiting for a recipe', dueAt: null };
  if (record === undefined) return { reason: 'new', dueAt: null };
  if (record.state === 'pending') return { reason: 'asked, without an answer so far', dueAt: null };
  return { reason: isSameState(document, record) ? 'its result or report was removed' : 'changed', dueAt: null };
}

function sumUp(all: readonly Waits[]): readonly WaitingGroup[] {
  return Array.from(
    groupBy(all, ({ reason }) => reason),
    ([reason, group]) => {
      const first = Math.min(...group.map(({ dueAt }) => dueAt ?? Number.POSITIVE_INFINITY));
      return { reason, documents: group.length, dueAt: Number.isFinite(first) ? new Date(first).toISOString() : null };
    },
  ).toSorted((one, other) => other.documents - one.documents);
}
