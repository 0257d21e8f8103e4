import { LONGEST_WAIT_SECONDS } from '../domain/attempt.ts';
import type { DocumentRef } from '../domain/document.ts';
import type { DocumentEvent } from '../domain/events.ts';
import type { DocumentRecord, Ledger } from '../domain/ledger.ts';
import type { Outbox } from '../domain/ports.ts';
import type { Recipe } from '../domain/recipe.ts';
import type { ResultPlace } from '../domain/request.ts';

/** How a document stands before anything is done about it. */
export type Standing =
  /** Nothing is to be asked for now, and this tells why. `leaves`: it was answered, so that its input may go. */
  | { readonly kind: 'settled'; readonly event: DocumentEvent; readonly leaves: boolean }
  /** The same, by a result that lies in the outbox and that the ledger does not know. */
  | { readonly kind: 'found'; readonly event: DocumentEvent; readonly result: string }
  /** `tried`: it was asked before, in vain so far. `afresh`: what was tried before does not count. */
  | { readonly kind: 'work'; readonly tried: boolean; readonly afresh: boolean };

interface StandingLooks extends ResultLooks {
  readonly outbox: ResultLooks['outbox'] & Pick<Outbox, 'failedVersion'>;
}

export interface StandingSettings {
  readonly redo: 'never' | 'changed' | 'stale' | 'all';
  /** Milliseconds since the epoch. */
  readonly now: number;
}

const WORK: Standing = { kind: 'work', tried: false, afresh: false };
const AFRESH: Standing = { kind: 'work', tried: false, afresh: true };
const TRIED: Standing = { kind: 'work', tried: true, afresh: false };

/** By stat alone: nothing is read. Throws what the looks throw. */
export function standingOf(
  document: DocumentRef,
  record: DocumentRecord | undefined,
  recipe: Recipe,
  looks: StandingLooks,
  settings: StandingSettings,
): Standing {
  if (record === undefined) return standingByFolders(document, recipe, looks, settings);
  if (record.api !== recipe.api) return AFRESH;
  const same = sameStat(document, record);
  switch (record.state) {
    case 'done':
      return standingOfDone(document, record, recipe, looks, settings);
    case 'failed':
      if (!same) return WORK;
      return looks.outbox.failedVersion(document.id) === null ? AFRESH : settled(failedEarlier(document));
    case 'held':
      return same ? settled(heldEarlier(document)) : WORK;
    case 'pending':
      if (!same) return WORK;
      return isDue(record, recipe, settings) ? TRIED : settled(due(document, record.dueAt));
    case 'replaced':
      return WORK;
  }
}

function standingOfDone(
  document: DocumentRef,
  record: DocumentRecord,
  recipe: Recipe,
  looks: ResultLooks,
  { redo }: StandingSettings,
): Standing {
  const stale = isStale(record, recipe);
  if (!hasResult(looks, document, recipe, stale)) return WORK;
  if (!sameStat(document, record))
    return redo === 'never' ? settled(skipped(document, 'changed since it was done (--redo never)', stale)) : WORK;
  if (stale && redo === 'stale') return WORK;
  const event = skipped(document, stale ? 'done, with another recipe, model or parameters' : 'done', stale);
  return { kind: 'settled', event, leaves: record.recipe !== null };
}

/** Without a record, what lies in the folders counts; the mtimes tell whether a document changed since. */
function standingByFolders(
  document: DocumentRef,
  recipe: Recipe,
  looks: StandingLooks,
  { redo }: StandingSettings,
): Standing {
  const result = ownResult(looks, document.id, recipe.place(document));
  if (result !== null && (document.mtimeMs <= result.mtimeMs || redo === 'never')) {
    const event = skipped(document, 'a result of unknown history lies in the outbox', false);
    return { kind: 'found', event, result: result.path };
  }
  const failed = looks.outbox.failedVersion(document.id);
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
function isDue({ dueAt, recipe: asked }: DocumentRecord, recipe: Recipe, { now }: StandingSettings): boolean {
  // Longer than any wait: a clock was wrong then, or is now.
  return dueAt === null || dueAt <= now || dueAt - now > LONGEST_WAIT_SECONDS * 1000 || asked !== recipe.hash;
}

function settled(event: DocumentEvent): Standing {
  return { kind: 'settled', event, leaves: false };
}

/** What lies in the outbox, and what is remembered of it. */
interface ResultLooks {
  readonly outbox: Pick<Outbox, 'resultOf' | 'holds'>;
  readonly ledger: Pick<Ledger, 'resultPath' | 'ownerOf'>;
}

interface OwnedResult {
  readonly path: string;
  readonly mtimeMs: number;
  /** The document that it is of; where nothing is remembered, the one whose place this is. */
  readonly owner: string;
}

/** What lies in the place of a document, which may be the result of another: recipes may send several to one place. */
export function resultIn({ outbox, ledger }: ResultLooks, id: string, place: ResultPlace): OwnedResult | null {
  const there = outbox.resultOf(place);
  return there === null ? null : { ...there, owner: ledger.ownerOf(there.path) ?? id };
}

/** The same where it is the document's own; else null. */
function ownResult(looks: ResultLooks, id: string, place: ResultPlace): OwnedResult | null {
  const there = resultIn(looks, id, place);
  return there?.owner === id ? there : null;
}

/** Whether the answer to a document was made with another recipe, model or parameters. `made`: what is remembered of it. */
export function isStale(made: { readonly recipe: string | null }, recipe: Recipe): boolean {
  return made.recipe !== null && made.recipe !== recipe.hash;
}

/** Whether the result of a document that was answered lies in the outbox: in its place, or where another recipe put it. */
export function hasResult(looks: ResultLooks, { id }: DocumentRef, recipe: Recipe, stale: boolean): boolean {
  const { outbox, ledger } = looks;
  const place = recipe.place({ id });
  // At every scan of 100,000 documents: the ledger is asked of those alone whose recipe names results.
  const inPlace = place.name === id ? outbox.resultOf(place) : ownResult(looks, id, place);
  if (inPlace !== null || !stale) return inPlace !== null;
  const path = ledger.resultPath(id);
  return path !== undefined && outbox.holds(path);
}

/** Whether two looks at a document's recipe come to the same: what is asked, where the result belongs, and what the gate is told. */
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
