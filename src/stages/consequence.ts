import { catchError, concat, concatMap, defer, EMPTY, ignoreElements, map, type Observable, of, tap } from 'rxjs';
import { type AttemptOutcome, type AttemptRecord, notSent, type Verdict } from '../domain/attempt.ts';
import type { ReadOutcome } from '../domain/document.ts';
import { errorMessage } from '../domain/errors.ts';
import type { KnownAnswer, VersionRecord } from '../domain/ledger.ts';
import { LONGEST_HINT_SECONDS } from '../domain/limits.ts';
import type { AttemptStart } from '../domain/ports.ts';
import type { AskPorts, AskSettings } from './ask-ports.ts';
import { backoffSeconds, firstWaitSeconds, LONGEST_WAIT_IN_STREAM_SECONDS, WAITS_THAT_GROW } from './backoff.ts';
import { fileAnswer } from './file-answer.ts';
import { fileFailure, hold, reopenFailure } from './file-failure.ts';
import type { Ruling } from './first-attempts.ts';
import { type GivenUp, givenUp, neverArrived, uncounted } from './give-up.ts';
import { release } from './release.ts';
import { failedEarlier, heldEarlier, skipped } from './standing.ts';
import type { Question, Turn } from './turn.ts';
import { inLine, pending, type Step, unexpected, type Work } from './work.ts';

/** What follows from a turn at the gate, after the permit was given back. */
export function consequence(ports: AskPorts, settings: AskSettings, work: Work, turn: Turn): Observable<Step> {
  const { id } = work.document;
  switch (turn.kind) {
    case 'unread':
      return ofUnread(ports, settings, work, turn.outcome);
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
    case 'unsent':
      return of(pending(work, 'the run ended before it could be sent'));
    case 'unaffordable':
      return ofUnaffordable(ports, settings, work, turn.question, turn.worstUsd);
    case 'recalled':
      return ofRecalled(ports, turn.question, turn.work, turn.begun);
    case 'started':
      return of({ event: { type: 'attempt-started', id, number: turn.number, repeated: turn.repeated } });
    case 'ended':
      return ofEnded(ports, settings, remember(turn.work, turn.ruling.outcome), turn.question, turn.ruling);
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
function ofKnown(
  ports: AskPorts,
  settings: AskSettings,
  { content, recipe }: Question,
  { state, recipe: madeWith }: VersionRecord,
): Observable<Step> {
  const { document } = content;
  const touched = ports.ledger.touch(content).pipe(ports.disk.untilWell());
  if (state !== 'done') {
    const told = state === 'held' ? heldEarlier(document) : failedEarlier(document);
    return touched.pipe(map(() => asStep(told)));
  }
  const stale = madeWith !== null && madeWith !== recipe.hash;
  const told = asStep(skipped(document, 'its bytes have not changed', stale));
  return touched.pipe(concatMap(() => concat(of(told), release(ports, settings, content))));
}

/** Nothing but a person can help: with the next day or run it would be the same. */
function ofUnaffordable(
  ports: AskPorts,
  settings: AskSettings,
  work: Work,
  { content, recipe }: Question,
  worstUsd: number | null,
): Observable<Step> {
  const cost = worstUsd === null ? 'what it costs is not known' : `it may cost up to ${worstUsd.toFixed(4)} USD`;
  const reason = `${cost}, which is not within --max-cost: raise that, lower --max-tokens, or name the prices`;
  const failure = { ...content, recipe, code: 'over-budget', reason, partial: null };
  return fileFailure(ports, settings, work, failure);
}

/** Back in line. An attempt that was recorded and never left is remembered as such: it was not billed. */
function ofRecalled(
  { ledger, disk }: AskPorts,
  { content }: Question,
  work: Work,
  begun: AttemptStart | null,
): Observable<Step> {
  if (begun === null) return of({ ...inLine(work), next: { item: work, after: 0 } });
  const item = { ...work, lastNumber: begun.number };
  return ledger.end({ ...content, record: notSent(begun), answer: null }).pipe(
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
  const { content, recipe } = question;
  const noted = ports.ledger
    .settle({ ...content, api: recipe.api, recipe, state: 'pending', dueAt: null })
    .pipe(ports.disk.untilWell(), ignoreElements());
  return concat(noted, fileAnswer(ports, settings, work, question, { ...answer, reused: true }));
}

function remember(work: Work, { record }: AttemptOutcome): Work {
  const { attempts } = work;
  const others = repeatsPause(attempts, record) ? attempts.slice(0, -1) : attempts;
  const lastBilling = record.billing === 'none' ? work.lastBilling : record.billing;
  return { ...work, attempts: [...others, record], lastNumber: record.number, lastBilling };
}

/** Months of being refused alike are told by the last refusal. */
function repeatsPause(attempts: readonly AttemptRecord[], { verdict, code }: AttemptRecord): boolean {
  const last = attempts.at(-1);
  return verdict === 'pause' && last?.verdict === 'pause' && last.code === code;
}

function ofEnded(
  ports: AskPorts,
  settings: AskSettings,
  work: Work,
  question: Question,
  ruling: Ruling,
): Observable<Step> {
  const { reopen, outcome } = ruling;
  return concat(
    recorded(ports, question, outcome),
    ...reopen.map((document) => reopenFailure(ports, document, outcome.record.message)),
    ...ofAttempt(ports, settings, work, question, ruling),
  ).pipe(catchError((error: unknown) => ofMistake(ports, settings, work, question, error)));
}

/** An answer is in the ledger before its result is filed: whatever happens in between, it is not paid for again. */
function recorded(
  { ledger, disk, flights }: AskPorts,
  { content, fingerprint }: Question,
  { record, answer }: AttemptOutcome,
): Observable<never> {
  return ledger.end({ ...content, record, answer: answer === null ? null : { fingerprint, text: answer } }).pipe(
    disk.untilWell(),
    tap(() => {
      if (answer !== null) flights.decided(content.document.id, 'answered');
    }),
    ignoreElements(),
  );
}

/** A mistake of the program itself must not be paid for again with every scan: the document fails for it. */
function ofMistake(
  ports: AskPorts,
  settings: AskSettings,
  work: Work,
  { content, recipe }: Question,
  error: unknown,
): Observable<Step> {
  const reason = `a mistake of the program: ${errorMessage(error)}`;
  return fileFailure(ports, settings, work, { ...content, recipe, code: 'unexpected', reason, partial: null }).pipe(
    catchError(() => of(unexpected(work, reason))),
  );
}

/** What follows, one after the other. */
function ofAttempt(
  ports: AskPorts,
  settings: AskSettings,
  work: Work,
  question: Question,
  ruling: Ruling,
): readonly Observable<Step>[] {
  const { record, verdict, answer, partial } = ruling.outcome;
  const ended = of(finished(work, record, null));
  switch (verdict.kind) {
    case 'answer': {
      const filing = { text: answer ?? '', document: work.document.id, attempt: record, reused: false };
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
  { content, recipe }: Question,
  why: GivenUp,
  partial: string | null,
): Observable<Step> {
  const { state, code, reason } = why;
  return state === 'held'
    ? hold(ports, settings, work, { ...content, recipe, code, reason })
    : fileFailure(ports, settings, work, { ...content, recipe, code, reason, partial });
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
  { content, recipe }: Question,
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
    .settle({ ...content, api: recipe.api, recipe, state: 'pending', dueAt })
    .pipe(ports.disk.untilWell(), ignoreElements());
  return concat(of(step), noted, of(parked && !settings.waitsForParked ? away : { ...away, next }));
}

/** Waits grow with every attempt up to the sixth, also with those that do not count; beyond that with those that do. */
function waits({ attempts }: Work): number {
  const counted = attempts.filter(({ counts }) => counts).length;
  return Math.max(counted, Math.min(counted + uncounted(attempts), WAITS_THAT_GROW));
}

function finished({ document }: Work, attempt: AttemptRecord, retryInSeconds: number | null): Step {
  return { event: { type: 'attempt-finished', id: document.id, attempt, retryInSeconds } };
}
