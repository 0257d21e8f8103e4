import type { DocumentRef } from '../domain/document.ts';
import type { DocumentEvent } from '../domain/events.ts';
import type { DocumentRecord } from '../domain/ledger.ts';
import { LONGEST_WAIT_SECONDS } from '../domain/limits.ts';
import type { Outbox } from '../domain/ports.ts';
import type { Recipe } from '../domain/recipe.ts';
import { hasResult, isStale, ownResult, type ResultLooks } from '../stages/own-result.ts';

/** How a document stands before anything is done about it. */
export type Standing =
  /** Nothing is to be asked for now, and this tells why. `leaves`: it was answered, so that its input may go. */
  | { readonly kind: 'settled'; readonly event: DocumentEvent; readonly leaves: boolean }
  /** The same, by a result that lies in the outbox and that the ledger does not know. */
  | { readonly kind: 'found'; readonly event: DocumentEvent; readonly result: string }
  /** `tried`: it was asked before, in vain so far. `afresh`: what was tried before does not count. */
  | { readonly kind: 'work'; readonly tried: boolean; readonly afresh: boolean };

export interface StandingLooks extends ResultLooks {
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
