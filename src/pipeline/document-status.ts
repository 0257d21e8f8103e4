import { LONGEST_WAIT_SECONDS } from '../domain/attempt.ts';
import type { DocumentRef } from '../domain/document.ts';
import type { DocumentEvent } from '../domain/events.ts';
import type { DocumentRecord, Ledger } from '../domain/ledger.ts';
import type { FoundResult, Outbox } from '../domain/ports.ts';
import type { Recipe } from '../domain/recipe.ts';
import type { ResultPlace } from '../domain/request.ts';

/** The status of a document before anything is done about it. */
export type DocumentStatus =
  /** Nothing is to be asked for now; the event says why. `leaves`: it was answered, so that its input may go. */
  | { readonly kind: 'settled'; readonly event: DocumentEvent; readonly leaves: boolean }
  /** The same, by a result that lies in the outbox and that the ledger does not know. */
  | { readonly kind: 'found'; readonly event: DocumentEvent; readonly result: string }
  /** `tried`: it was asked before, in vain so far. `startOver`: what was tried before does not count. */
  | { readonly kind: 'work'; readonly tried: boolean; readonly startOver: boolean };

export interface StatusLookups extends ResultLookups {
  readonly outbox: ResultLookups['outbox'] & Pick<Outbox, 'failedVersion'>;
}

export interface StatusSettings {
  readonly redo: 'never' | 'changed' | 'stale' | 'all';
  /** Milliseconds since the epoch. */
  readonly now: number;
}

const WORK: DocumentStatus = { kind: 'work', tried: false, startOver: false };
const START_OVER: DocumentStatus = { kind: 'work', tried: false, startOver: true };
const TRIED: DocumentStatus = { kind: 'work', tried: true, startOver: false };

/** By stat alone: nothing is read. Throws what the lookups throw. */
export function statusOf(
  document: DocumentRef,
  record: DocumentRecord | undefined,
  recipe: Recipe,
  lookups: StatusLookups,
  settings: StatusSettings,
): DocumentStatus {
  if (record === undefined) return statusByFolders(document, recipe, lookups, settings);
  if (record.api !== recipe.api) return START_OVER;
  const same = sameStat(document, record);
  switch (record.state) {
    case 'done':
      return statusOfDone(document, record, recipe, lookups, settings);
    case 'failed':
      if (!same) return WORK;
      return lookups.outbox.failedVersion(document.id) === null ? START_OVER : settled(failedEarlier(document));
    case 'held':
      return same ? settled(heldEarlier(document)) : WORK;
    case 'pending':
      if (!same) return WORK;
      return isDue(record, recipe, settings) ? TRIED : settled(due(document, record.dueAt));
    case 'replaced':
      return WORK;
  }
}

function statusOfDone(
  document: DocumentRef,
  record: DocumentRecord,
  recipe: Recipe,
  lookups: ResultLookups,
  { redo }: StatusSettings,
): DocumentStatus {
  const stale = isStale(record, recipe);
  if (!hasResult(lookups, document, recipe, stale)) return WORK;
  if (!sameStat(document, record))
    return redo === 'never' ? settled(skipped(document, 'changed since it was done (--redo never)', stale)) : WORK;
  if (stale && redo === 'stale') return WORK;
  const event = skipped(document, stale ? 'done, with another recipe, model or parameters' : 'done', stale);
  return { kind: 'settled', event, leaves: record.recipe !== null };
}

/** Without a record, what lies in the folders counts; the mtimes show whether a document changed since. */
function statusByFolders(
  document: DocumentRef,
  recipe: Recipe,
  lookups: StatusLookups,
  { redo }: StatusSettings,
): DocumentStatus {
  const result = ownResult(lookups, document.id, recipe.place(document));
  if (result !== null && (document.mtimeMs <= result.mtimeMs || redo === 'never')) {
    const event = skipped(document, 'a result of unknown history lies in the outbox', false);
    return { kind: 'found', event, result: result.path };
  }
  const failed = lookups.outbox.failedVersion(document.id);
  return failed !== null && sameStat(document, failed) ? settled(failedEarlier(document)) : WORK;
}

export function sameStat(a: Pick<DocumentRef, 'size' | 'mtimeMs'>, b: Pick<DocumentRef, 'size' | 'mtimeMs'>): boolean {
  return a.size === b.size && a.mtimeMs === b.mtimeMs;
}

export function skipped({ id }: DocumentRef, reason: string, stale: boolean): DocumentEvent {
  return { type: 'document-skipped', id, reason, stale };
}

export function failedEarlier({ id }: DocumentRef): DocumentEvent {
  const reason = 'an earlier run failed it; sluice retry, or deleting its report, has it tried again';
  return { type: 'document-failed', id, code: 'failed-earlier', reason, report: null, earlier: true };
}

export function heldEarlier({ id }: DocumentRef): DocumentEvent {
  const reason = 'an earlier run held it; it may have been billed already';
  return { type: 'document-held', id, code: 'held-earlier', reason, earlier: true };
}

function due({ id }: DocumentRef, dueAt: number | null): DocumentEvent {
  return { type: 'document-pending', id, reason: 'the API asked to wait', dueAt };
}

/** What one model asked to wait for says nothing of another. */
function isDue({ dueAt, recipe: asked }: DocumentRecord, recipe: Recipe, { now }: StatusSettings): boolean {
  // Longer than any wait: a clock was wrong then, or is now.
  return dueAt === null || dueAt <= now || dueAt - now > LONGEST_WAIT_SECONDS * 1000 || asked !== recipe.hash;
}

function settled(event: DocumentEvent): DocumentStatus {
  return { kind: 'settled', event, leaves: false };
}

/** What lies in the outbox, and what is remembered of it. */
export interface ResultLookups {
  readonly outbox: Pick<Outbox, 'resultOf' | 'holds'>;
  readonly ledger: Pick<Ledger, 'resultPath' | 'ownerOf'>;
}

/**
 * What lies in the place of a document, where it is its own result; else null. Recipes may send several documents to one
 * place; where nothing is remembered of what lies there, it is that of the document whose place this is.
 */
export function ownResult({ outbox, ledger }: ResultLookups, id: string, place: ResultPlace): FoundResult | null {
  const found = outbox.resultOf(place);
  return found === null || (ledger.ownerOf(found.path) ?? id) !== id ? null : found;
}

/** Whether the answer to a document was made with another recipe, model or parameters. `made`: what is remembered of it. */
export function isStale(made: { readonly recipe: string | null }, recipe: Recipe): boolean {
  return made.recipe !== null && made.recipe !== recipe.hash;
}

/** Whether the result of a document that was answered lies in the outbox: in its place, or where another recipe put it. */
export function hasResult(lookups: ResultLookups, { id }: DocumentRef, recipe: Recipe, stale: boolean): boolean {
  const { outbox, ledger } = lookups;
  const place = recipe.place({ id });
  // At every scan of 100,000 documents: the ledger is asked of those alone whose recipe names results.
  const inPlace = place.name === id ? outbox.resultOf(place) : ownResult(lookups, id, place);
  if (inPlace !== null || !stale) return inPlace !== null;
  const path = ledger.resultPath(id);
  return path !== undefined && outbox.holds(path);
}

/** Whether two looks at a document's recipe come to the same: what is asked, where the result belongs, and what the gate needs to know. */
export function isSameRecipe(one: Recipe, other: Recipe, document: Pick<DocumentRef, 'id'>): boolean {
  const place = one.place(document);
  const otherPlace = other.place(document);
  return (
    one.hash === other.hash &&
    one.name === other.name &&
    one.barred === other.barred &&
    one.handling.concurrency === other.handling.concurrency &&
    one.handling.maxCostUsd === other.handling.maxCostUsd &&
    place.name === otherPlace.name &&
    place.ending === otherPlace.ending
  );
}
