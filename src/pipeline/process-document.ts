import { catchError, finalize, type Observable, of, race, retry, tap, throwError, timer } from 'rxjs';
import type { DocumentRef } from '../domain/document.ts';
import { DiskError, PathError, StoppedError } from '../domain/errors.ts';
import { type PipelineEvent, RUN_ENDED } from '../domain/events.ts';
import { promptCachingOf, SHORTEST_CACHED_TOKENS } from '../domain/models.ts';
import type { Slot, Ticket } from '../domain/ports.ts';
import type { Recipe } from '../domain/recipe.ts';
import { emitting } from '../lib/operators.ts';
import { didYouMean } from '../lib/text.ts';
import { releaseInput } from './chores.ts';
import type { Context } from './context.ts';
import { type Disposition, mistakeInWords, type Parked, type Question, type Request } from './disposition.ts';
import { isSameRecipe } from './document-status.ts';
import { fileAnswer } from './file-answer.ts';
import { fail, fileFailure, hold, PATH_BARRED, reopenFailure } from './file-failure.ts';
import { conclude, recordOutcome, withAttempt } from './outcome.ts';
import { prepareRequest } from './prepare-request.ts';
import { waitsInStream } from './retry-policy.ts';
import { type Called, send } from './send.ts';
import { type Emit, pendingEvent, queuedEvent, type WorkItem } from './work-item.ts';
import type { Later } from './work-queue.ts';

/** How an attempt asks `retry` for the next one; nothing went wrong. */
class RetryError extends Error {
  override readonly name = 'RetryError';
  readonly work: WorkItem;
  readonly afterMs: number;

  constructor(work: WorkItem, afterMs: number) {
    super('another attempt is due');
    this.work = work;
    this.afterMs = afterMs;
  }
}

/** One document with its attempts, and the waits between them, which hold no slot. Never errors: all its errors end here. */
export function processDocument(context: Context, item: WorkItem): Observable<PipelineEvent> {
  const { queue, gate, outbox, singleFlight, settings } = context;
  const { id } = item.document;
  const releasePath = (): void => outbox.releasePath(id);
  let work = item;
  const waiting = (error: unknown): Observable<unknown> => {
    if (!(error instanceof RetryError)) return throwError(() => error);
    ({ work } = error);
    return race(timer(error.afterMs, settings.clock.scheduler), gate.closing);
  };
  return emitting<PipelineEvent>(async (emit) => {
    const later = await attemptDocument(context, work, emit);
    if (later === null) return;
    if (typeof later.after === 'number' && waitsInStream(later.after)) throw new RetryError(later.item, later.after);
    queue.addAfter(later);
  }).pipe(
    retry({ delay: waiting }),
    // Before a newer version of the document follows.
    tap({ complete: releasePath, error: releasePath, unsubscribe: releasePath }),
    catchError((error: unknown) => of(interrupted(work, error))),
    finalize(() => {
      singleFlight.leave(id);
      queue.done(item);
    }),
  );
}

/** One attempt, from top to bottom. Resolves to the work item if it comes back to this run. */
async function attemptDocument(context: Context, work: WorkItem, emit: Emit): Promise<Later<WorkItem> | null> {
  const { gate, recipes, disk, closing, outages, settings } = context;
  const recipe = recipes.choose(work.document);
  const conflict = await disk.untilOk(() => reservePath(context, work.document, recipe), closing);
  if (conflict !== null) return apply(context, barred(work, conflict), emit);
  if (recipe.barred !== null)
    return apply(context, { kind: 'park', work, reason: recipe.barred, cause: 'recipe' }, emit);

  const slot = await gate.slot(ticketOf(work, recipe));
  if (slot === 'closed') throw new StoppedError();
  try {
    // After an unsubscribe the gate is still open, but nothing may start.
    if (closing.happened) throw new StoppedError();
    if (!settings.waitsForParked && outages.isGivenUp(recipe.model))
      return await apply(context, { kind: 'park', work, reason: outages.reasonOf(recipe.model) }, emit);
    const step = await ask(context, work, recipe, slot, emit);
    if (step.kind === 'called') return await finishAttempt(context, step, slot, emit);
    slot.settling();
    return await apply(context, step, emit);
  } finally {
    slot.release();
  }
}

/** Why the result could not be filed in its place, also if the result of another document lies there; else null. */
function reservePath({ outbox, ledger }: Context, document: DocumentRef, recipe: Recipe): string | null {
  const { id } = document;
  try {
    const { conflict, found } = outbox.reservePath(id, recipe.place(document));
    if (conflict !== null || found === null) return conflict;
    const owner = ledger.ownerOf(found.path) ?? id;
    return owner === id ? null : `Its result would be ${found.path}, which is that of ${owner}.`;
  } catch (error) {
    if (!(error instanceof PathError)) throw error;
    return error.message;
  }
}

function barred(work: WorkItem, reason: string): Disposition {
  const { document } = work;
  const failure = { code: PATH_BARRED, reason, document, sha256: null, recipe: null, partial: null };
  return { kind: 'fail', work, failure };
}

/** Asks, or says what becomes of the document without a call. */
async function ask(
  context: Context,
  work: WorkItem,
  recipe: Recipe,
  slot: Slot,
  emit: Emit,
): Promise<Called | Disposition> {
  const { recipes, memory, closing, outbox } = context;
  const { document } = work;
  // The recipe may have changed while the document waited for its slot.
  const current = recipes.choose(document, 'current');
  if (!isSameRecipe(current, recipe, document)) {
    outbox.releasePath(document.id);
    emit({ type: 'document-waiting', id: document.id, reason: 'its recipe changed while it waited' });
    return { kind: 'requeue', work, after: 0, event: queuedEvent(work) };
  }
  const lease = await memory.lease(document.size, closing);
  try {
    const request = await prepareRequest(context, work, current);
    if (request.kind === 'request' && isMisnamed(context, request)) return { kind: 'requeue', work, after: 0 };
    return request.kind === 'request' ? await send(context, request, slot, lease, emit) : request;
  } finally {
    lease.release();
  }
}

/** Pauses a model that the API does not have under this name: a call would be refused. */
function isMisnamed({ gate, models }: Context, { question, prepared }: Request): boolean {
  const { model } = question.recipe;
  const meant = prepared.models.length > 1 ? [] : models.misnamed(model);
  if (meant.length === 0) return false;
  gate.pause({ scope: 'model', model }, `The API has no model ${model}.${didYouMean(meant)}`);
  return true;
}

/** Records what came of a call before anything else is done about it. */
async function finishAttempt(
  context: Context,
  called: Called,
  slot: Slot,
  emit: Emit,
): Promise<Later<WorkItem> | null> {
  const { question, work } = called.request;
  try {
    slot.settling();
    const isRecorded = await recordOutcome(context, called);
    // oxlint-disable-next-line no-await-in-loop -- five at most, once in a run
    for (const document of called.reopen) await reopenFailure(context, document, called.outcome.record.message, emit);
    const { event, disposition } = conclude(context, called, isRecorded);
    emit(event);
    return await apply(context, disposition, emit);
  } catch (error) {
    if (error instanceof StoppedError) throw error;
    // A bug in sluice must not be paid for again with every scan: the document fails for it.
    const failure = { ...question, code: 'unexpected', reason: mistakeInWords(error), partial: null };
    await fileFailure(context, withAttempt(work, called.outcome), failure, emit);
    return null;
  }
}

/** Does what a disposition says. Resolves to the updated work item if this run processes it again, else null. */
export async function apply(context: Context, disposition: Disposition, emit: Emit): Promise<Later<WorkItem> | null> {
  switch (disposition.kind) {
    case 'file':
      await fileAnswer(context, disposition, emit);
      return null;
    case 'fail':
      await fail(context, disposition, emit);
      return null;
    case 'hold':
      await hold(context, disposition, emit);
      return null;
    case 'skip':
      if (disposition.question !== undefined) await note(context, disposition.question, disposition.result);
      emit(disposition.event);
      if (disposition.question !== undefined && disposition.event.type === 'document-skipped')
        await releaseInput(context, disposition.question, emit);
      return null;
    case 'requeue':
      if (disposition.event !== undefined) emit(disposition.event);
      return { item: disposition.work, after: disposition.after, stays: disposition.stays };
    case 'park':
      return park(context, disposition, emit);
  }
}

/** Records the new state of the file, or the result that was found, so that the next scan need not read the file. */
function note({ ledger, disk }: Context, question: Question, result: string | undefined): Promise<void> {
  const found = { api: question.recipe.api, fingerprint: null, reused: false, readers: null, state: 'done' } as const;
  return disk.untilOk(() =>
    result === undefined ? ledger.touch(question) : ledger.settle({ ...question, ...found, result }),
  );
}

async function park({ ledger, disk }: Context, parked: Parked, emit: Emit): Promise<Later<WorkItem> | null> {
  const { work, reason, dueAt = null, cause, remember, back } = parked;
  if (remember !== undefined) {
    const { question, until } = remember;
    const settlement = { ...question, api: question.recipe.api, state: 'pending', dueAt: until } as const;
    // If the run is cut off before, it is pending all the same.
    await disk.untilOkOrStopped(() => ledger.settle(settlement));
  }
  emit({ type: 'document-pending', id: work.document.id, reason, dueAt, ...(cause !== undefined && { cause }) });
  return back === undefined ? null : { item: work, ...back };
}

function interrupted(work: WorkItem, error: unknown): PipelineEvent {
  if (error instanceof StoppedError) return pendingEvent(work, RUN_ENDED);
  if (error instanceof DiskError || error instanceof PathError) return pendingEvent(work, error.message);
  // A bug in sluice fails only the document that was being processed.
  const failure = { code: 'unexpected', reason: mistakeInWords(error), report: null, earlier: false };
  return { type: 'document-failed', id: work.document.id, ...failure };
}

function ticketOf({ attempts }: WorkItem, { api, model, name, handling, fixedTokens }: Recipe): Ticket {
  return {
    api,
    model,
    recipe: name,
    repeated: attempts.length > 0,
    recipeCalls: handling.concurrency,
    recipeCostUsd: handling.maxCostUsd,
    sharesBeginning: fixedTokens >= SHORTEST_CACHED_TOKENS && promptCachingOf(model) !== null,
  };
}
