import {
  catchError,
  concat,
  concatMap,
  defaultIfEmpty,
  EMPTY,
  map,
  merge,
  mergeMap,
  type Observable,
  of,
  takeWhile,
} from 'rxjs';
import { type AttemptOutcome, type ReplyHead, type UnheardAttempt, unheard } from '../domain/attempt.ts';
import { errorMessage } from '../domain/errors.ts';
import type { AttemptProgress, AttemptStart, Seat } from '../domain/ports.ts';
import { demandOf } from '../stages/demand-of.ts';
import { quietly } from '../stream/quietly.ts';
import { hear } from './accept-reply.ts';
import type { AskPorts, AskSettings } from './context.ts';
import type { Turn } from './look-up.ts';
import type { BulkShare } from './memory-limit.ts';
import type { Call } from './prepare-request.ts';
import { sinceLastReply } from './work-item.ts';

/** Makes a call that is ready: nothing is sent that was not paid for within the budget, and recorded, before. */
export function callUp(
  ports: AskPorts,
  settings: AskSettings,
  call: Call,
  seat: Seat,
  share: BulkShare,
): Observable<Turn> {
  const { work, question } = call;
  return demandOf(ports, call).pipe(
    concatMap((demand) =>
      seat.reserve(demand).pipe(
        concatMap((leave): Observable<Turn> => {
          const { worstUsd } = demand;
          switch (leave.kind) {
            case 'reserved':
              return begin(ports, settings, { ...call, worstUsd, seat, share });
            case 'unaffordable':
              return of({ kind: 'unaffordable', question, worstUsd });
            case 'recipe spent':
              return of({ kind: 'recipe spent', question, refilledAt: leave.refilledAt });
          }
        }),
      ),
    ),
    defaultIfEmpty<Turn, Turn>({ kind: 'recalled', question, work, begun: null }),
  );
}

interface Paid extends Call {
  readonly worstUsd: number | null;
  readonly seat: Seat;
  readonly share: BulkShare;
}

function begin(ports: AskPorts, settings: AskSettings, call: Paid): Observable<Turn> {
  const { gate, ledger, disk } = ports;
  const { work, question, request, worstUsd, seat } = call;
  const { document, sha256, recipe } = question;
  const start = {
    number: work.lastNumber + 1,
    startedAt: new Date(settings.clock.wall()).toISOString(),
    // A whole reply that was no answer would be none the next time either.
    anew: work.redo || work.lastBilling === 'known',
  };
  const { bodySha256 } = request;
  const { forgiven } = work;
  return ledger.begin({ document, sha256, ...start, recipe, bodySha256, forgiven, reservedUsd: worstUsd }).pipe(
    disk.untilWell(gate.closing),
    concatMap(() =>
      seat
        .fly(() => send(ports, settings, call, start))
        .pipe(defaultIfEmpty<Turn, Turn>({ kind: 'recalled', question, work, begun: start })),
    ),
    defaultIfEmpty<Turn, Turn>({ kind: 'unsent' }),
  );
}

function send(ports: AskPorts, { clock }: AskSettings, call: Paid, start: AttemptStart): Observable<Turn> {
  const { gate, ledger, firstAttempts } = ports;
  const { work, question, request, seat, share } = call;
  const at = clock.now();
  let head: ReplyHead | null = null;
  const lost = (code: string, message: string): AttemptProgress => ({
    kind: 'ended',
    outcome: unheardOutcome({ ...start, ...head, seconds: Math.round(clock.now() - at) / 1000, code, message }),
  });
  // A call that was in flight when the run had to end at once: it left, and nobody will hear the reply.
  const cut = gate.cutting.pipe(
    map(() => lost('cut-off', 'the run was stopped while the call was in flight; it may have been billed')),
  );
  const attempt = request.attempt(start).pipe(
    // It may have left: only so can it not be paid for again and again.
    catchError((error: unknown) => of(lost('unexpected', `a mistake of the program: ${errorMessage(error)}`))),
  );
  const repeated = sinceLastReply(work.attempts).length > 0;
  const started: Turn = { kind: 'started', number: start.number, repeated };
  const progress = merge(cut, attempt).pipe(
    mergeMap((step): Observable<Turn> => {
      switch (step.kind) {
        case 'sent':
          share.giveBack();
          return EMPTY;
        case 'head':
          head = step.head;
          // That it could not be written is told by what is written next.
          return quietly(ledger.head(question, start.number, step.head));
        case 'ended': {
          const heard = hear(call, step.outcome);
          const ruling = firstAttempts.rule(question.recipe.model, heard.outcome);
          seat.heed(ruling.outcome);
          return of({ kind: 'ended', question, work, ruling, heard });
        }
      }
    }),
    takeWhile(({ kind }) => kind !== 'ended', true),
  );
  return concat(of(started), progress);
}

function unheardOutcome(lost: UnheardAttempt): AttemptOutcome {
  const { number, startedAt, seconds, code, message, status = null, generationId = null } = lost;
  const record = unheard({ number, startedAt, seconds, code, message, status, generationId });
  const verdict = { kind: 'retry', cools: 'document', hintSeconds: null, counts: true } as const;
  return { record, verdict, reply: null, partial: null, annotations: null };
}
