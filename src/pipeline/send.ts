import {
  catchError,
  combineLatest,
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
import { type ModelFacts, worstCostUsd } from '../domain/models.ts';
import type { AttemptProgress, AttemptStart, Demand, PreparedRequest, Seat } from '../domain/ports.ts';
import { errorMessage } from '../lib/errors.ts';
import { quietly } from '../lib/operators.ts';
import { hear } from './accept-reply.ts';
import type { Call, Turn } from './call-outcome.ts';
import type { AskPorts, AskSettings } from './context.ts';
import type { BulkShare } from './memory-limit.ts';
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

/** Tokens; of a shorter prompt it does not matter that it is counted by its bytes. */
const LONG_PROMPT = 50_000;

/** What a call will use, for the gate to set aside. Emits once; nothing is looked up for most. */
export function demandOf(ports: Pick<AskPorts, 'prices' | 'models'>, { request, question }: Call): Observable<Demand> {
  // A recipe with money of its own needs prices, which the run may not have asked for.
  const needsFacts = question.recipe.handling.maxCostUsd !== null || request.promptTokensAtMost > LONG_PROMPT;
  const sizes = request.models.map((model) =>
    (needsFacts ? ports.models.facts(model) : of(null)).pipe(map((facts) => sizeFor(model, request, facts))),
  );
  return combineLatest(sizes).pipe(map((all) => dearest(ports, all)));
}

interface Size
  extends Pick<
    PreparedRequest,
    'promptTokensAtMost' | 'likelyPromptTokens' | 'maxTokens' | 'feesUsdAtMost' | 'surcharge'
  > {
  readonly model: string;
}

/** No prompt is longer than its model takes. */
function sizeFor(model: string, request: PreparedRequest, facts: ModelFacts | null): Size {
  const { maxTokens, feesUsdAtMost, surcharge } = request;
  const most = facts?.contextTokens ?? Number.POSITIVE_INFINITY;
  const promptTokensAtMost = Math.min(request.promptTokensAtMost, most);
  return {
    model,
    promptTokensAtMost,
    likelyPromptTokens: Math.min(request.likelyPromptTokens, most),
    maxTokens,
    feesUsdAtMost,
    surcharge,
  };
}

/** By the dearest of the models that may answer. */
function dearest({ prices }: Pick<AskPorts, 'prices'>, sizes: readonly Size[]): Demand {
  const costs = sizes.map((size) => {
    const price = prices.of(size.model);
    return price === null ? null : worstCostUsd(price, size);
  });
  return {
    promptTokens: Math.max(...sizes.map(({ likelyPromptTokens }) => likelyPromptTokens)),
    maxTokens: Math.max(...sizes.map(({ maxTokens }) => maxTokens)),
    worstUsd: costs.reduce((most, cost) => (most === null || cost === null ? null : Math.max(most, cost)), 0),
  };
}
