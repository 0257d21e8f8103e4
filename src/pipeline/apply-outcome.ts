import { catchError, concat, concatMap, defer, EMPTY, ignoreElements, map, type Observable, of, tap } from 'rxjs';
import {
  type AttemptOutcome,
  type AttemptRecord,
  LONGEST_HINT_SECONDS,
  notSent,
  type Verdict,
} from '../domain/attempt.ts';
import type { ReadOutcome } from '../domain/document.ts';
import type { KnownAnswer, VersionRecord } from '../domain/ledger.ts';
import type { AttemptStart } from '../domain/ports.ts';
import { errorMessage } from '../lib/errors.ts';
import type { GivenUp, Question, Ruling, Turn } from './call-outcome.ts';
import type { AskPorts, AskSettings } from './context.ts';
import { failedEarlier, heldEarlier, isStale, skipped } from './document-status.ts';
import { fileAnswer, release } from './file-answer.ts';
import { fileFailure, hold, reopenFailure } from './file-failure.ts';
import { notNow, ofSpentRecipe } from './park.ts';
import {
  backoffSeconds,
  firstWaitSeconds,
  givenUp,
  LONGEST_WAIT_IN_STREAM_SECONDS,
  neverArrived,
  uncounted,
  WAITS_THAT_GROW,
} from './retry-policy.ts';
import { inLine, pending, type Step, sinceLastReply, unexpected, type Work } from './work-item.ts';

/** What follows from a turn at the gate, after the permit was given back. */
export function consequence(ports: AskPorts, settings: AskSettings, work: Work, turn: Turn): Observable<Step> {
  const { id } = work.document;
  switch (turn.kind) {
    case 'unread':
      return ofUnread(ports, settings, work, turn.outcome);
    case 'refused':
      return fileFailure(ports, settings, work, { ...turn.question, ...turn.refusal });
    case 'not now':
      return of(notNow(settings, work, turn.reason));
    case 'known':
      return ofKnown(ports, settings, turn.question, turn.version);
    case 'answered':
      return ofReused(ports, settings, { ...work, attempts: turn.attempts }, turn.question, turn.answer);
    case 'given up':
      return giveUp(ports, settings, turn.work, turn.question, turn.why, null);
    case 'same': {
      const reason = 'the same is being asked under another name';
      return of({ event: { type: 'document-waiting', id, reason }, next: { item: work, after: turn.landing } });
    }
    case 'recipe changed': {
      const reason = 'its recipe changed while it waited';
      // From the beginning: its result may belong elsewhere.
      return of({ event: { type: 'document-waiting', id, reason }, next: { item: work, after: of(null) } });
    }
    case 'unsent':
      return of(pending(work, 'the run ended before it could be sent'));
    case 'unaffordable':
      return ofUnaffordable(ports, settings, work, turn.question, turn.worstUsd);
    case 'recipe spent':
      return ofSpentRecipe(ports, settings, work, turn.question, turn.refilledAt);
    case 'recalled':
      return ofRecalled(ports, turn.question, turn.work, turn.begun);
    case 'started':
      return of({ event: { type: 'attempt-started', id, number: turn.number, repeated: turn.repeated } });
    case 'ended':
      return ofEnded(ports, settings, remember(turn.work, turn.ruling.outcome), turn);
  }
}

function ofUnread(
  ports: AskPorts,
  settings: AskSettings,
  work: Work,
  outcome: Exclude<ReadOutcome, { kind: 'read' }>,
): Observable<Step> {
  const { document } = work;
  switch (outcome.kind) {
    case 'gone':
      return of({ event: { type: 'document-gone', id: document.id } });
    case 'overtaken':
      return of(pending(work, outcome.reason));
    case 'refused':
      return fileFailure(ports, settings, work, { ...outcome, document, recipe: null, partial: null });
  }
}

/** The file was touched, not changed: remember its new mtime, so that the next scan need not read it. */
function ofKnown(ports: AskPorts, settings: AskSettings, question: Question, version: VersionRecord): Observable<Step> {
  const { document, recipe } = question;
  const touched = ports.ledger.touch(question).pipe(ports.disk.untilWell());
  if (version.state !== 'done') {
    const told = version.state === 'held' ? heldEarlier(document) : failedEarlier(document);
    return touched.pipe(map(() => asStep(told)));
  }
  const told = asStep(skipped(document, 'its bytes have not changed', isStale(version, recipe)));
  return touched.pipe(concatMap(() => concat(of(told), release(ports, settings, question))));
}

/** Nothing but a person can help: with the next day or run it would be the same. */
function ofUnaffordable(
  ports: AskPorts,
  settings: AskSettings,
  work: Work,
  question: Question,
  worstUsd: number | null,
): Observable<Step> {
  const cost = worstUsd === null ? 'what it costs is not known' : `it may cost up to ${worstUsd.toFixed(4)} USD`;
  const reason = `${cost}, which is not within --max-cost, or the max_cost of its recipe: raise that, lower --max-tokens, or name the prices`;
  const failure = { ...question, code: 'over-budget', reason, partial: null };
  return fileFailure(ports, settings, work, failure);
}

/** Back in line. An attempt that was recorded and never left is remembered as such: it was not billed. */
function ofRecalled(
  { ledger, disk }: AskPorts,
  question: Question,
  work: Work,
  begun: AttemptStart | null,
): Observable<Step> {
  if (begun === null) return of({ ...inLine(work), next: { item: work, after: 0 } });
  const item = { ...work, lastNumber: begun.number };
  return ledger.end({ ...question, record: notSent(begun), answer: null, reply: null }).pipe(
    disk.untilWell(),
    map(() => ({ ...inLine(item), next: { item, after: 0 } })),
  );
}

function asStep(event: Step['event']): Step {
  return { event };
}

/** Noted beforehand: dies the process in between, the next run is to know whose result it finds in the outbox. */
function ofReused(
  ports: AskPorts,
  settings: AskSettings,
  work: Work,
  question: Question,
  answer: KnownAnswer,
): Observable<Step> {
  const noted = ports.ledger
    .settle({ ...question, api: question.recipe.api, state: 'pending', dueAt: null })
    .pipe(ports.disk.untilWell(), ignoreElements());
  return concat(noted, fileAnswer(ports, settings, work, question, { ...answer, reused: true }));
}

function remember(work: Work, { record, annotations }: AttemptOutcome): Work {
  const { attempts } = work;
  const others = repeatsPause(attempts, record) ? attempts.slice(0, -1) : attempts;
  const lastBilling = record.billing === 'none' ? work.lastBilling : record.billing;
  // A reply that was kept tells it to the requests that follow.
  const parsed = record.verdict === 'answer' ? null : (annotations ?? work.parsed);
  return { ...work, attempts: [...others, record], lastNumber: record.number, lastBilling, parsed };
}

/** Months of being refused alike are told by the last refusal. */
function repeatsPause(attempts: readonly AttemptRecord[], { verdict, code }: AttemptRecord): boolean {
  const last = attempts.at(-1);
  return verdict === 'pause' && last?.verdict === 'pause' && last.code === code;
}

type Ended = Extract<Turn, { kind: 'ended' }>;

function ofEnded(ports: AskPorts, settings: AskSettings, work: Work, ended: Ended): Observable<Step> {
  const { question, ruling } = ended;
  const { reopen, outcome } = ruling;
  return concat(
    recorded(ports, ended),
    ...reopen.map((document) => reopenFailure(ports, document, outcome.record.message)),
    ...ofAttempt(ports, settings, work, ended),
  ).pipe(catchError((error: unknown) => ofMistake(ports, settings, work, question, error)));
}

/** An answer is in the ledger before its result is filed: whatever happens in between, it is not paid for again. */
function recorded({ ledger, disk, flights }: AskPorts, { question, ruling, heard }: Ended): Observable<never> {
  const { fingerprint, document } = question;
  const { answer, kept } = heard;
  const { record } = ruling.outcome;
  return ledger.end({ ...question, record, answer: answer && { fingerprint, ...answer }, reply: kept }).pipe(
    disk.untilWell(),
    tap(() => {
      if (answer !== null) flights.decided(document.id, 'answered');
    }),
    ignoreElements(),
  );
}

/** A mistake of the program itself must not be paid for again with every scan: the document fails for it. */
function ofMistake(
  ports: AskPorts,
  settings: AskSettings,
  work: Work,
  question: Question,
  error: unknown,
): Observable<Step> {
  const reason = `a mistake of the program: ${errorMessage(error)}`;
  return fileFailure(ports, settings, work, { ...question, code: 'unexpected', reason, partial: null }).pipe(
    catchError(() => of(unexpected(work, reason))),
  );
}

/** What follows, one after the other. */
function ofAttempt(
  ports: AskPorts,
  settings: AskSettings,
  work: Work,
  { question, ruling, heard }: Ended,
): readonly Observable<Step>[] {
  const { record, verdict, partial } = ruling.outcome;
  const ended = of(finished(work, record, null));
  switch (verdict.kind) {
    case 'answer': {
      const { answer } = heard;
      if (answer === null) return [of({ ...finished(work, record, 0), next: { item: work, after: 0 } })];
      const filing = { ...answer, document: work.document.id, attempt: record, reused: false };
      return [ended, fileAnswer(ports, settings, work, question, filing)];
    }
    case 'fail': {
      const why = { state: 'failed', code: record.code, reason: record.message } as const;
      const filed = giveUp(ports, settings, work, question, why, partial);
      if (verdict.suspect) return [ended, filed, unlessRefused(ports, work, ruling)];
      ports.flights.decided(work.document.id, why);
      return [ended, filed];
    }
    case 'pause':
      return [of({ ...finished(work, record, 0), next: { item: work, after: 0 } })];
    case 'retry': {
      const why = givenUp(settings, work.attempts);
      if (why === null) return [ofRetry(ports, settings, work, question, record, verdict)];
      // An outage fails no document.
      if (why.state === 'failed' && neverArrived(record)) return [ended, of(pending(work, why.reason))];
      ports.flights.decided(work.document.id, why);
      return [ended, giveUp(ports, settings, work, question, why, partial)];
    }
  }
}

/** It is not asked again by itself: it fails, or is held for a person. */
function giveUp(
  ports: AskPorts,
  settings: AskSettings,
  work: Work,
  question: Question,
  why: GivenUp,
  partial: string | null,
): Observable<Step> {
  const { state, code, reason } = why;
  return state === 'held'
    ? hold(ports, settings, work, { ...question, code, reason })
    : fileFailure(ports, settings, work, { ...question, code, reason, partial });
}

/** Takes the failure that was just filed back where the model turned out to refuse everybody. */
function unlessRefused(ports: AskPorts, { document }: Work, { model, outcome }: Ruling): Observable<Step> {
  return defer(() =>
    ports.firstAttempts.filed(model, document) ? reopenFailure(ports, document, outcome.record.message) : EMPTY,
  );
}

function ofRetry(
  ports: AskPorts,
  settings: AskSettings,
  work: Work,
  question: Question,
  record: AttemptRecord,
  { hintSeconds, limit }: Extract<Verdict, { kind: 'retry' }>,
): Observable<Step> {
  const retryDelaySeconds = firstWaitSeconds(settings, limit);
  const seconds = backoffSeconds({ retryDelaySeconds }, waits(work), hintSeconds, settings.random());
  const next = { item: work, after: seconds * 1000 };
  const step = finished(work, record, seconds);
  if (seconds <= LONGEST_WAIT_IN_STREAM_SECONDS) return of({ ...step, next });
  const dueAt = Math.round(settings.clock.wall() + seconds * 1000);
  const away = pending(work, record.message, dueAt);
  const parked = (hintSeconds ?? 0) > LONGEST_HINT_SECONDS;
  const noted = ports.ledger
    .settle({ ...question, api: question.recipe.api, state: 'pending', dueAt })
    .pipe(ports.disk.untilWell(), ignoreElements());
  return concat(of(step), noted, of(parked && !settings.waitsForParked ? away : { ...away, next }));
}

/** Waits grow with every attempt up to the sixth, also with those that do not count; beyond that with those that do. */
function waits(work: Work): number {
  const attempts = sinceLastReply(work.attempts);
  const counted = attempts.filter(({ counts }) => counts).length;
  return Math.max(counted, Math.min(counted + uncounted(attempts), WAITS_THAT_GROW));
}

function finished({ document }: Work, attempt: AttemptRecord, retryInSeconds: number | null): Step {
  return { event: { type: 'attempt-finished', id: document.id, attempt, retryInSeconds } };
}
