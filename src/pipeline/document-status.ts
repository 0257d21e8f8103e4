import { LONGEST_WAIT_SECONDS } from '../domain/attempt.ts';
import { type DocumentRef, isSameState, isWhole, type Provenance } from '../domain/document.ts';
import type { DocumentEvent } from '../domain/events.ts';
import type { DocumentRecord, Ledger } from '../domain/ledger.ts';
import type { Options } from '../domain/options.ts';
import type { Converter, FoundResult, Outbox } from '../domain/ports.ts';
import type { Recipe } from '../domain/recipe.ts';
import type { ResultPlace } from '../domain/request.ts';

/** The status of a document before anything is done about it. */
export type DocumentStatus =
  /** Nothing is to be asked; the event says why. `leaves`: it was answered, so that its input may go. */
  | { readonly kind: 'skip'; readonly event: DocumentEvent; readonly leaves: boolean }
  /** The same, because of a result in the outbox that the ledger does not know. */
  | { readonly kind: 'found'; readonly event: DocumentEvent; readonly result: string }
  /** `tried`: it was asked before, in vain so far. `startOver`: earlier attempts do not count. */
  | { readonly kind: 'work'; readonly tried: boolean; readonly startOver: boolean };

/** What lies in the outbox, and what is remembered of it. */
interface ResultLookups {
  readonly outbox: Pick<Outbox, 'resultOf' | 'holds'>;
  readonly ledger: Pick<Ledger, 'resultPath' | 'ownerOf'>;
}

interface StatusLookups extends ResultLookups {
  readonly outbox: Pick<Outbox, 'resultOf' | 'holds' | 'failedVersion'>;
  readonly converter: Pick<Converter, 'outdated'>;
}

export interface StatusSettings extends Pick<Options, 'redo'> {
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
  const same = isSameState(document, record);
  switch (record.state) {
    case 'done':
      return statusOfDone(document, record, recipe, lookups, settings);
    case 'failed':
      if (!same) return WORK;
      return lookups.outbox.failedVersion(document.id) === null ? START_OVER : skip(failedEarlier(document));
    case 'held':
      return same ? skip(heldEarlier(document)) : WORK;
    case 'pending':
      if (!same) return WORK;
      return isDue(record, recipe, settings) ? TRIED : skip(notDue(document, record.dueAt));
    case 'replaced':
      return WORK;
  }
}

function statusOfDone(
  document: DocumentRef,
  record: DocumentRecord,
  recipe: Recipe,
  lookups: StatusLookups,
  { redo }: StatusSettings,
): DocumentStatus {
  const why = staleness(record, document, recipe, lookups.converter);
  const stale = why !== null;
  if (!hasResult(lookups, document, recipe, stale)) return WORK;
  if (!isSameState(document, record)) {
    if (redo !== 'never') return WORK;
    return skip(skippedEvent(document, 'its file changed since it was done, and was not read (--redo never)', stale));
  }
  if (stale && redo === 'stale') return WORK;
  const event = skippedEvent(document, stale ? `done, ${why}` : 'done', stale);
  return { kind: 'skip', event, leaves: record.recipe !== null };
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
    const event = skippedEvent(document, 'a result of unknown history lies in the outbox', false);
    return { kind: 'found', event, result: result.path };
  }
  const failed = lookups.outbox.failedVersion(document.id);
  return failed !== null && isSameState(document, failed) ? skip(failedEarlier(document)) : WORK;
}

export function skippedEvent({ id }: DocumentRef, reason: string, stale: boolean): DocumentEvent {
  return { type: 'document-skipped', id, reason, stale };
}

export function failedEarlier({ id }: DocumentRef): DocumentEvent {
  const reason = 'an earlier run failed it; the command retry, or deleting its report, has it tried again';
  return { type: 'document-failed', id, code: 'failed-earlier', reason, report: null, earlier: true };
}

export function heldEarlier({ id }: DocumentRef): DocumentEvent {
  const reason = 'an earlier run held it; it may have been billed already';
  return { type: 'document-held', id, code: 'held-earlier', reason, earlier: true };
}

function notDue({ id }: DocumentRef, dueAt: number | null): DocumentEvent {
  return { type: 'document-pending', id, reason: 'the API asked to wait', dueAt };
}

/** A wait that the API asked for concerns one recipe's model: with another recipe the document is due at once. */
function isDue({ dueAt, recipe: asked }: DocumentRecord, recipe: Recipe, { now }: StatusSettings): boolean {
  // Further off than any wait: a clock was wrong then, or is now.
  return dueAt === null || dueAt <= now || dueAt - now > LONGEST_WAIT_SECONDS * 1000 || asked !== recipe.hash;
}

function skip(event: DocumentEvent): DocumentStatus {
  return { kind: 'skip', event, leaves: false };
}

/**
 * The result in a document's place; null if there is none, or it is that of another document: recipes may send several to
 * one place. One that the ledger does not know counts as the document's own.
 */
export function ownResult({ outbox, ledger }: ResultLookups, id: string, place: ResultPlace): FoundResult | null {
  const found = outbox.resultOf(place);
  return found === null || (ledger.ownerOf(found.path) ?? id) !== id ? null : found;
}

/** Why a run would ask something else than what a remembered answer answers; null if it would ask the same. */
export function staleness(
  { recipe: madeWith, readers }: Pick<DocumentRecord, 'recipe' | 'readers'>,
  document: Pick<DocumentRef, 'id'>,
  { hash, handling }: Recipe,
  converter: Pick<Converter, 'outdated'>,
): string | null {
  if (madeWith === null) return null;
  if (madeWith !== hash) return 'with another recipe, model or parameters';
  const formats = converter.outdated(readers, document, handling.pdf);
  return formats.length === 0 ? null : `as another version of sluice read it (${formats.join(', ')})`;
}

/** An answer of the ledger, for a document of the same bytes that is asked the same. */
interface Reuse {
  /** `document`: the one that it was made for. */
  readonly answer: Provenance & { readonly document: string };
  readonly recipe: Pick<Recipe, 'handling'>;
  /** Whether it is what the document's own result was made of. */
  readonly isOwn: boolean;
}

/**
 * Whether such an answer may be filed. If another revision of a reader read the document, it is used for no other one; its own
 * result comes back, unless stale ones are to be redone.
 */
export function isUsable(
  { answer, recipe: { handling }, isOwn }: Reuse,
  { converter, redo }: Pick<StatusSettings, 'redo'> & Pick<StatusLookups, 'converter'>,
): boolean {
  if (handling.leftOut === 'fail' && !isWhole(answer)) return false;
  const outdated = converter.outdated(answer.readers, { id: answer.document }, handling.pdf);
  return outdated.length === 0 || (isOwn && redo !== 'stale');
}

/** Whether the result of an answered document lies in the outbox: in its place, or where another recipe put it. */
export function hasResult(lookups: ResultLookups, { id }: DocumentRef, recipe: Recipe, stale: boolean): boolean {
  const { outbox, ledger } = lookups;
  const place = recipe.place({ id });
  // Runs for each document of each scan: the ledger is asked only if a recipe names the result.
  const inPlace = place.name === id ? outbox.resultOf(place) : ownResult(lookups, id, place);
  if (inPlace !== null || !stale) return inPlace !== null;
  const path = ledger.resultPath(id);
  return path !== undefined && outbox.holds(path);
}

/** Whether two recipes of a document are the same in what is asked, where the result belongs, and what limits the gate. */
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
