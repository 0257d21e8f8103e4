import {
  catchError,
  concat,
  concatMap,
  defaultIfEmpty,
  map,
  merge,
  mergeMap,
  type Observable,
  of,
  takeWhile,
} from 'rxjs';
import {
  type AttemptOutcome,
  type AttemptRecord,
  type ReplyHead,
  type UnheardAttempt,
  unheard,
} from '../domain/attempt.ts';
import type { DocumentContent, ReadOutcome } from '../domain/document.ts';
import { errorMessage } from '../domain/errors.ts';
import type { KnownAnswer, VersionRecord } from '../domain/ledger.ts';
import { likelyPromptTokens } from '../domain/likely-tokens.ts';
import type { AttemptProgress, AttemptStart, PreparedRequest, Recipe, Seat } from '../domain/ports.ts';
import { worstCostUsd } from '../domain/worst-cost.ts';
import { quietly } from '../stream/quietly.ts';
import type { AskPorts, AskSettings } from './ask-ports.ts';
import { fingerprintOf } from './fingerprint.ts';
import type { Ruling } from './first-attempts.ts';
import { type GivenUp, givenUp, neverArrived } from './give-up.ts';
import { type History, NO_HISTORY, type Work } from './work.ts';

/** What is asked of which bytes. */
export interface Question {
  readonly content: DocumentContent;
  readonly recipe: Recipe;
  readonly fingerprint: string;
}

/** What happens while a document holds a seat at the gate, in the order of time. */
export type Turn =
  /** Nothing was sent. */
  | { readonly kind: 'unread'; readonly outcome: Exclude<ReadOutcome, { kind: 'read' }> }
  /** These very bytes were settled before: only the file's mtime had changed. */
  | { readonly kind: 'known'; readonly question: Question; readonly version: VersionRecord }
  /** The ledger holds the answer. */
  | {
      readonly kind: 'answered';
      readonly question: Question;
      readonly answer: KnownAnswer;
      /** Those that brought it, where it was made for this very document; else none. */
      readonly attempts: readonly AttemptRecord[];
    }
  /** Earlier attempts leave no further one. */
  | { readonly kind: 'given up'; readonly question: Question; readonly work: Work; readonly why: GivenUp }
  /** The same is being asked under another name; `landing` emits when it is worth another look. */
  | { readonly kind: 'same'; readonly landing: Observable<unknown> }
  /** The run ended before the attempt could be recorded. */
  | { readonly kind: 'unsent' }
  /** The whole budget would not do for its call. */
  | { readonly kind: 'unaffordable'; readonly question: Question; readonly worstUsd: number | null }
  /** It may not start for now: the document goes back in line. `begun`: the attempt was recorded, but never left. */
  | { readonly kind: 'recalled'; readonly question: Question; readonly work: Work; readonly begun: AttemptStart | null }
  | { readonly kind: 'started'; readonly number: number; readonly repeated: boolean }
  | { readonly kind: 'ended'; readonly question: Question; readonly work: Work; readonly ruling: Ruling };

/** Reads the document, and asks unless the ledger knows better. */
export function turn(ports: AskPorts, settings: AskSettings, work: Work, recipe: Recipe, seat: Seat): Observable<Turn> {
  const { inbox, gate, disk } = ports;
  return inbox.read(work.document).pipe(
    concatMap((outcome): Observable<Turn> => {
      if (outcome.kind !== 'read') return of({ kind: 'unread', outcome });
      const { content } = outcome;
      const question = { content, recipe, fingerprint: fingerprintOf(content.sha256, recipe) };
      return disk
        .look(() => lookUp(ports, settings, work, question), gate.closing)
        .pipe(
          concatMap((found) => ('kind' in found ? of(found) : reserve(ports, settings, found, question, seat))),
          defaultIfEmpty<Turn, Turn>({ kind: 'unsent' }),
        );
    }),
  );
}

/** Why nothing need be asked; or the work with the attempts of earlier runs. */
function lookUp(ports: AskPorts, settings: AskSettings, work: Work, question: Question): Turn | Work {
  const { ledger, flights } = ports;
  const { content, fingerprint } = question;
  const { id } = content.document;
  // What was never seen has no versions: most documents come once.
  const version = ledger.recall(id) === undefined ? undefined : ledger.version(id, content.sha256);
  if (version !== undefined && stands(ports, settings, work, question, version))
    return { kind: 'known', question, version };

  const answer = ledger.answer(fingerprint, work.redo ? settings.startedAt : undefined);
  if (answer !== undefined) return { kind: 'answered', question, answer, attempts: ownAttempts(id, answer, version) };

  const caughtUp =
    content.sha256 === work.sha256 ? work : { ...work, ...historyOf(work, version), sha256: content.sha256 };
  const why = givenUp(settings, caughtUp.attempts);
  if (why !== null) return { kind: 'given up', question, work: caughtUp, why };

  const boarding = flights.board(fingerprint, id);
  switch (boarding.kind) {
    case 'leads':
      return caughtUp;
    case 'waits':
      return { kind: 'same', landing: boarding.landing };
    case 'shares': {
      const reason = `the same bytes were asked as ${boarding.with}, in vain: ${boarding.why.reason}`;
      return { kind: 'given up', question, work: caughtUp, why: { ...boarding.why, reason } };
    }
  }
}

function ownAttempts(
  id: string,
  { document, attempt: answered }: KnownAnswer,
  version: VersionRecord | undefined,
): readonly AttemptRecord[] {
  if (document !== id) return [];
  const attempts = version?.attempts ?? [];
  return attempts.length > 0 ? attempts : [answered];
}

/** Whether what became of these bytes before is the last word on them. */
function stands(
  { outbox }: AskPorts,
  { redo }: AskSettings,
  work: Work,
  { content: { document }, recipe }: Question,
  version: VersionRecord,
): boolean {
  if (work.redo || version.api !== recipe.api) return false;
  switch (version.state) {
    case 'done':
      return outbox.resultOf(document.id) !== null && (redo !== 'stale' || version.recipe === recipe.hash);
    case 'failed':
      return !work.afresh && outbox.failedVersion(document.id) !== null;
    case 'held':
      return !work.afresh;
    case 'pending':
    case 'replaced':
      return false;
  }
}

function historyOf({ afresh, redo }: Work, version: VersionRecord | undefined): History {
  if (version === undefined) return NO_HISTORY;
  const { attempts, lastNumber, lastBilling } = version;
  if (afresh || redo) return { attempts: [], lastNumber, forgiven: lastNumber, lastBilling };
  const forgiven = (attempts[0]?.number ?? lastNumber + 1) - 1;
  return { attempts: attempts.filter((made) => !neverArrived(made)), lastNumber, forgiven, lastBilling };
}

/** Nothing is sent that was not paid for within the budget, and recorded, before. */
function reserve(
  ports: AskPorts,
  settings: AskSettings,
  earlier: Work,
  question: Question,
  seat: Seat,
): Observable<Turn> {
  const { content, recipe } = question;
  const work = { ...earlier, startedAt: earlier.startedAt ?? settings.clock.now() };
  const request = ports.llm.prepare(recipe.render(content));
  const price = ports.prices.of(recipe.model);
  const worstUsd = price === null ? null : worstCostUsd(price, request);
  const { maxTokens } = request;
  return seat.reserve({ promptTokens: likelyPromptTokens(request), maxTokens, worstUsd }).pipe(
    concatMap((answer) =>
      answer === 'reserved'
        ? begin(ports, settings, { work, question, request, worstUsd, seat })
        : of<Turn>({ kind: 'unaffordable', question, worstUsd }),
    ),
    defaultIfEmpty<Turn, Turn>({ kind: 'recalled', question, work, begun: null }),
  );
}

interface Call {
  readonly work: Work;
  readonly question: Question;
  readonly request: PreparedRequest;
  /** The most that it can cost, USD; null where no price is known. */
  readonly worstUsd: number | null;
  readonly seat: Seat;
}

function begin(ports: AskPorts, settings: AskSettings, call: Call): Observable<Turn> {
  const { gate, ledger, disk } = ports;
  const { work, question, request, worstUsd, seat } = call;
  const { content, recipe } = question;
  const start = {
    number: work.lastNumber + 1,
    startedAt: new Date(settings.clock.wall()).toISOString(),
    // A whole reply that was no answer would be none the next time either.
    anew: work.redo || work.lastBilling === 'known',
  };
  const { bodySha256 } = request;
  const { forgiven } = work;
  return ledger.begin({ ...content, ...start, recipe, bodySha256, forgiven, reservedUsd: worstUsd }).pipe(
    disk.untilWell(gate.closing),
    concatMap(() =>
      seat
        .fly(() => send(ports, settings, call, start))
        .pipe(defaultIfEmpty<Turn, Turn>({ kind: 'recalled', question, work, begun: start })),
    ),
    defaultIfEmpty<Turn, Turn>({ kind: 'unsent' }),
  );
}

function send(
  ports: AskPorts,
  { clock }: AskSettings,
  { work, question, request, seat }: Call,
  start: AttemptStart,
): Observable<Turn> {
  const { gate, ledger, firstAttempts } = ports;
  const at = clock.now();
  let heard: ReplyHead | null = null;
  const lost = (code: string, message: string): AttemptProgress => ({
    kind: 'ended',
    outcome: unheardOutcome({ ...start, ...heard, seconds: Math.round(clock.now() - at) / 1000, code, message }),
  });
  // A call that was in flight when the run had to end at once: it left, and nobody will hear the reply.
  const cut = gate.cutting.pipe(
    map(() => lost('cut-off', 'the run was stopped while the call was in flight; it may have been billed')),
  );
  const attempt = request.attempt(start).pipe(
    // It may have left: only so can it not be paid for again and again.
    catchError((error: unknown) => of(lost('unexpected', `a mistake of the program: ${errorMessage(error)}`))),
  );
  const started: Turn = { kind: 'started', number: start.number, repeated: work.attempts.length > 0 };
  const progress = merge(cut, attempt).pipe(
    mergeMap((step): Observable<Turn> => {
      if (step.kind === 'head') {
        heard = step.head;
        // That it could not be written is told by what is written next.
        return quietly(ledger.head(question.content, start.number, step.head));
      }
      const ruling = firstAttempts.rule(question.recipe.model, step.outcome);
      seat.heed(ruling.outcome);
      return of({ kind: 'ended', question, work, ruling });
    }),
    takeWhile(({ kind }) => kind !== 'ended', true),
  );
  return concat(of(started), progress);
}

function unheardOutcome(lost: UnheardAttempt): AttemptOutcome {
  const { number, startedAt, seconds, code, message, status = null, generationId = null } = lost;
  const record = unheard({ number, startedAt, seconds, code, message, status, generationId });
  const verdict = { kind: 'retry', cools: 'document', hintSeconds: null, counts: true } as const;
  return { record, verdict, answer: null, partial: null };
}
