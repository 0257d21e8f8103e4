import { catchError, concat, concatMap, defer, EMPTY, from, map, type Observable, of } from 'rxjs';
import type { AttemptOutcome, AttemptRecord } from '../domain/attempt.ts';
import type { DocumentContent, DocumentRef, ReadOutcome } from '../domain/document.ts';
import { errorMessage } from '../domain/errors.ts';
import { LONGEST_HINT_SECONDS } from '../domain/limits.ts';
import type { DocumentRecord } from '../domain/ports.ts';
import type { AskPorts, AskSettings } from './ask-ports.ts';
import { backoffSeconds, LONGEST_WAIT_IN_STREAM_SECONDS, UNCOUNTED_ATTEMPTS, WAITS_THAT_GROW } from './backoff.ts';
import { fileAnswer, fileFailure, reopenFailure } from './file.ts';
import type { Ruling } from './first-attempts.ts';
import type { Turn } from './turn.ts';
import { pending, type Step, unexpected, type Work } from './work.ts';

/** What follows from a turn at the gate, after the permit was given back. */
export function consequence(ports: AskPorts, settings: AskSettings, work: Work, turn: Turn): Observable<Step> {
  switch (turn.kind) {
    case 'started':
      return of({ event: { type: 'attempt-started', id: work.document.id, number: work.history.length + 1 } });
    case 'unread':
      return ofUnread(ports, settings, work, turn.outcome);
    case 'known':
      return ofKnown(ports, turn.content.document, turn.record);
    case 'ended': {
      const { ruling, content } = turn;
      const next = remember(work, ruling.outcome, turn.at);
      return concat(
        from(ruling.reopen).pipe(
          concatMap((document) => reopenFailure(ports, document, ruling.outcome.record.message)),
        ),
        ofAttempt(ports, settings, next, content, ruling),
      ).pipe(catchError((error: unknown) => ofMistake(ports, settings, next, content, error)));
    }
  }
}

/** A mistake of the program itself must not be paid for again with every scan: the document fails for it. */
function ofMistake(
  ports: AskPorts,
  settings: AskSettings,
  work: Work,
  { document, sha256 }: DocumentContent,
  error: unknown,
): Observable<Step> {
  const reason = `a mistake of the program: ${errorMessage(error)}`;
  return fileFailure(ports, settings, work, { code: 'unexpected', reason, document, sha256, partial: null }).pipe(
    catchError(() => of(unexpected(work, reason))),
  );
}

function ofUnread(
  ports: AskPorts,
  settings: AskSettings,
  work: Work,
  outcome: Exclude<ReadOutcome, { kind: 'read' }>,
): Observable<Step> {
  switch (outcome.kind) {
    case 'gone':
      return of({ event: { type: 'document-gone', id: work.document.id } });
    case 'overtaken':
      return of(pending(work, outcome.reason));
    case 'refused':
      return fileFailure(ports, settings, work, { ...outcome, document: work.document, partial: null });
  }
}

/** The file was touched, not changed: remember its new mtime, so that the next scan need not read it. */
function ofKnown({ ledger }: AskPorts, document: DocumentRef, record: DocumentRecord): Observable<Step> {
  const { id, size, mtimeMs } = document;
  return ledger.record(id, { ...record, size, mtimeMs }).pipe(
    map((): Step => {
      if (record.state === 'done')
        return { event: { type: 'document-skipped', id, reason: 'its bytes have not changed' } };

      const reason = 'it failed before, and its bytes have not changed';
      const event = { type: 'document-failed', id, code: 'failed-earlier', reason, report: null } as const;
      return { event: { ...event, earlier: true } };
    }),
  );
}

/**
 * A pause counts neither way: the document stands in line again, and the gate opens when the cause is mended. What may
 * have been billed counts, whatever the server hinted: else a bill could be run up a hundred times.
 */
function remember(work: Work, { verdict, record }: AttemptOutcome, at: number): Work {
  const counts = verdict.kind === 'retry' ? verdict.counts || record.billing !== 'none' : verdict.kind !== 'pause';
  return {
    ...work,
    history: [...(repeatsPause(work.history, record) ? work.history.slice(0, -1) : work.history), record],
    counted: work.counted + (counts ? 1 : 0),
    uncounted: work.uncounted + (verdict.kind === 'retry' && !counts ? 1 : 0),
    startedAt: work.startedAt ?? at,
  };
}

/** Months of being refused alike are told by the last refusal. */
function repeatsPause(history: readonly AttemptRecord[], { verdict, code }: AttemptRecord): boolean {
  const last = history.at(-1);
  return verdict === 'pause' && last?.verdict === 'pause' && last.code === code;
}

function ofAttempt(
  ports: AskPorts,
  settings: AskSettings,
  work: Work,
  content: DocumentContent,
  ruling: Ruling,
): Observable<Step> {
  const { record, verdict, answer, partial } = ruling.outcome;
  const ended = of(finished(work, record, null));
  const fail = (code: string, reason: string) =>
    fileFailure(ports, settings, work, { code, reason, sha256: content.sha256, document: content.document, partial });
  switch (verdict.kind) {
    case 'answer':
      return concat(ended, fileAnswer(ports, settings, work, content, record, answer ?? ''));
    case 'fail':
      return concat(
        ended,
        fail(record.code, record.message),
        verdict.suspect ? unlessRefused(ports, work, ruling) : EMPTY,
      );
    case 'pause':
      return of({ ...finished(work, record, 0), next: { item: work, afterMs: 0 } });
    case 'retry': {
      const reason = exhausted(settings, work, record);
      if (reason === null) return ofRetry(settings, work, record, verdict.hintSeconds);
      // An API that cannot be reached says nothing of the document: an outage fails none.
      return concat(ended, neverArrived(record) ? of(pending(work, reason)) : fail('retries-used-up', reason));
    }
  }
}

/** Takes the failure that was just filed back where the model turned out to refuse everybody. */
function unlessRefused(ports: AskPorts, { document }: Work, { model, outcome }: Ruling): Observable<Step> {
  return defer(() =>
    ports.firstAttempts.filed(model, document) ? reopenFailure(ports, document, outcome.record.message) : EMPTY,
  );
}

/** Why no further attempt is made; null where one is. */
function exhausted(
  { retries }: AskSettings,
  { counted, uncounted, history }: Work,
  last: AttemptRecord,
): string | null {
  if (counted <= retries && uncounted < UNCOUNTED_ATTEMPTS) return null;
  return `no answer after ${history.length} ${history.length === 1 ? 'attempt' : 'attempts'}; the last: ${last.message}`;
}

function neverArrived({ status, billing }: AttemptRecord): boolean {
  return status === null && billing === 'none';
}

function ofRetry(
  settings: AskSettings,
  work: Work,
  record: AttemptRecord,
  hintSeconds: number | null,
): Observable<Step> {
  const seconds = backoffSeconds(settings, waits(work), hintSeconds, settings.random());
  const next = { item: work, afterMs: seconds * 1000 };
  const step = finished(work, record, seconds);
  if (seconds <= LONGEST_WAIT_IN_STREAM_SECONDS) return of({ ...step, next });
  const away = pending(work, record.message, Date.now() + next.afterMs);
  const parked = (hintSeconds ?? 0) > LONGEST_HINT_SECONDS;
  return of(step, parked && !settings.waitsForParked ? away : { ...away, next });
}

/** Waits grow with every attempt up to the sixth, also with those that do not count; beyond that with those that do. */
function waits({ counted, uncounted }: Work): number {
  return Math.max(counted, Math.min(counted + uncounted, WAITS_THAT_GROW));
}

function finished({ document }: Work, attempt: AttemptRecord, retryInSeconds: number | null): Step {
  return { event: { type: 'attempt-finished', id: document.id, attempt, retryInSeconds } };
}
