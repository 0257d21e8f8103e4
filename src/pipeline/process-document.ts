import {
  catchError,
  concatMap,
  defaultIfEmpty,
  defer,
  EMPTY,
  expand,
  finalize,
  type Observable,
  of,
  race,
  take,
  tap,
  timer,
} from 'rxjs';
import type { DocumentRef } from '../domain/document.ts';
import { DiskTrouble, PathTrouble } from '../domain/errors.ts';
import { promptCachingOf, SHORTEST_CACHED_TOKENS } from '../domain/models.ts';
import type { Ticket } from '../domain/ports.ts';
import type { Recipe } from '../domain/recipe.ts';
import { errorMessage } from '../lib/errors.ts';
import { consequence } from './apply-outcome.ts';
import type { Turn } from './call-outcome.ts';
import type { AskPorts, AskSettings } from './context.ts';
import { isSameRecipe, resultIn } from './document-status.ts';
import { fileFailure, PATH_BARRED } from './file-failure.ts';
import { turn } from './look-up.ts';
import { LONGEST_WAIT_IN_STREAM_SECONDS } from './retry-policy.ts';
import { pending, type Step, unexpected, type Work } from './work-item.ts';
import type { Return, Wait } from './work-queue.ts';

/**
 * Works one document off: turns at the gate, each with its consequence, and the waits between them, which hold no
 * permit. Never errors: what goes wrong with one document ends as a step that says so.
 */
export function ask(ports: AskPorts, settings: AskSettings): (work: Work) => Observable<Step> {
  const { gate, recipes, flights } = ports;

  const atTheGate = (work: Work): Observable<Step> => {
    const recipe = recipes.choose(work.document);
    if (recipe.barred !== null) return of(pending(work, recipe.barred));
    const ticket = ticketFor(work, recipe);
    return gate
      .admit(ticket, (seat) => {
        // It was let in by what the one said, and may have waited long.
        const current = recipes.choose(work.document, 'afresh');
        return isSameRecipe(current, recipe, work.document)
          ? turn(ports, settings, work, current, seat)
          : of<Turn>({ kind: 'recipe changed' });
      })
      .pipe(
        concatMap((happened) => {
          const follows = consequence(ports, settings, work, happened);
          return happened.kind === 'started' ? follows : gate.settle(follows);
        }),
        defaultIfEmpty(pending(work, 'the run ended before it could be sent')),
      );
  };
  const afterwards = (work: Work, afterMs: number): Observable<Step> =>
    race(timer(afterMs, settings.clock.scheduler), gate.closing).pipe(
      take(1),
      concatMap(() => atTheGate(work)),
    );

  return (work) =>
    defer(() => atTheGate(work)).pipe(
      expand(({ next }) => (next !== undefined && isShort(next.after) ? afterwards(next.item, next.after) : EMPTY)),
      catchError((error: unknown) => of(interrupted(work, error))),
      finalize(() => flights.leave(work.document.id)),
    );
}

/** What a document comes back with that waits outside the stream, where it holds no place; null where it does not. */
export function comesBack({ next }: Step): Return<Work> | null {
  return next === undefined || isShort(next.after) ? null : next;
}

function isShort(after: Wait): after is number {
  return typeof after === 'number' && after <= LONGEST_WAIT_IN_STREAM_SECONDS * 1000;
}

function interrupted(work: Work, error: unknown): Step {
  const message = errorMessage(error);
  const isTrouble = error instanceof DiskTrouble || error instanceof PathTrouble;
  return isTrouble ? pending(work, message) : unexpected(work, `a mistake of the program: ${message}`);
}

function ticketFor({ document, attempts }: Work, { api, model, name, handling, fixedTokens }: Recipe): Ticket {
  return {
    api,
    model,
    recipe: name,
    folder: document.id.slice(0, Math.max(document.id.lastIndexOf('/'), 0)),
    size: document.size,
    repeated: attempts.length > 0,
    recipeCalls: handling.concurrency,
    recipeCostUsd: handling.maxCostUsd,
    sharesBeginning: fixedTokens >= SHORTEST_CACHED_TOKENS && promptCachingOf(model) !== null,
  };
}

/**
 * Works a document off where its result has a place to go to, which is kept for it meanwhile; one that has none fails
 * before anything is paid. While the disk as a whole refuses to tell, documents wait, and calls are paused. Never errors.
 */
export function unlessBarred(
  ports: AskPorts,
  settings: AskSettings,
  workOn: (work: Work) => Observable<Step>,
): (work: Work) => Observable<Step> {
  const { disk, gate, outbox } = ports;
  const failed = (work: Work, reason: string): Observable<Step> => {
    const { document } = work;
    const failure = { code: PATH_BARRED, reason, document, sha256: null, recipe: null, partial: null };
    return fileFailure(ports, settings, work, failure);
  };
  return (work) => {
    const leave = (): void => outbox.vacate(work.document.id);
    return defer(() => disk.look(() => obstacleOf(ports, work.document), gate.closing)).pipe(
      concatMap((obstacle) => (obstacle === null ? workOn(work) : failed(work, obstacle))),
      defaultIfEmpty(pending(work, 'the run ended before it could be sent')),
      catchError((error: unknown) => of(unexpected(work, errorMessage(error)))),
      // Not `finalize`, which comes after whoever follows: a newer version of the document may have the place by then.
      tap({ complete: leave, unsubscribe: leave }),
    );
  };
}

/** Also the result of another document, of this run or of one before. */
function obstacleOf(ports: AskPorts, document: DocumentRef): string | null {
  const { id } = document;
  const place = ports.recipes.choose(document).place(document);
  const obstacle = ports.outbox.obstacle(id, place);
  if (obstacle !== null) return obstacle;
  const there = resultIn(ports, id, place);
  return there === null || there.owner === id
    ? null
    : `Its result would be ${there.path}, which is that of ${there.owner}.`;
}
