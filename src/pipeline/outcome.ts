import { type AttemptOutcome, type AttemptRecord, LONGEST_HINT_SECONDS, type Verdict } from '../domain/attempt.ts';
import type { DocumentEvent } from '../domain/events.ts';
import type { Context } from './context.ts';
import { type Disposition, gaveUp, type Question } from './disposition.ts';
import { backoffSeconds, givenUp, isOutage, outlastsRetries, waitsInStream } from './retry-policy.ts';
import type { Called } from './send.ts';
import { sinceLastReply, type WorkItem } from './work-item.ts';

/**
 * Puts an answer into the ledger before its result is filed: whatever happens in between, it is not paid for again. Resolves
 * to false if the run was cut off while the ledger refused it: then what can be filed is filed all the same.
 */
export async function recordOutcome(context: Context, { request, outcome, accepted }: Called): Promise<boolean> {
  const { ledger, disk, singleFlight } = context;
  const { document, sha256, fingerprint } = request.question;
  const answer = accepted.answer && { fingerprint, ...accepted.answer, ...request.provenance };
  const attempt = { document, sha256, record: outcome.record, answer, reply: accepted.kept };
  if ((await disk.untilOkOrStopped(() => ledger.end(attempt))) === 'stopped') return false;
  if (answer !== null) singleFlight.decided(document.id, 'answered');
  return true;
}

/** What an ended attempt means for its document, and the event that reports it. */
interface Conclusion {
  readonly disposition: Disposition;
  readonly event: Extract<DocumentEvent, { type: 'attempt-finished' }>;
}

/** Decides by the verdict, and by the attempts before. */
export function conclude(context: Context, called: Called, isRecorded: boolean): Conclusion {
  const { record, verdict, partial } = called.outcome;
  const { question } = called.request;
  const work = withAttempt(called.request.work, called.outcome);
  switch (verdict.kind) {
    case 'answer': {
      const { answer } = called.accepted;
      if (answer === null) return again(work, record);
      const known = { document: work.document.id, attempt: record, ...answer, ...called.request.provenance };
      const told = called.request.prepared.notes;
      return ended(work, record, { kind: 'file', work, question, answer: known, told, reused: false, isRecorded });
    }
    case 'fail': {
      const why = { state: 'failed', code: record.code, reason: record.message } as const;
      const failed = gaveUp(work, question, why, partial);
      if (verdict.suspect && failed.kind === 'fail') return ended(work, record, { ...failed, suspect: called });
      context.singleFlight.decided(work.document.id, why);
      return ended(work, record, failed);
    }
    case 'pause':
      return again(work, record);
    case 'retry': {
      const why = givenUp(context.settings, work.attempts);
      if (why === null && verdict.atOnce === true) return again(work, record);
      // An outage fails no document.
      if (why === null && isOutage(record) && outlastsRetries(context.settings, work.attempts))
        return ended(work, record, { kind: 'park', work, reason: record.message });
      if (why === null) return backOff(context, work, question, record, verdict);
      context.singleFlight.decided(work.document.id, why);
      return ended(work, record, gaveUp(work, question, why, partial));
    }
  }
}

/** Another attempt follows without a delay of its own: the gate decides when it starts. */
function again(work: WorkItem, record: AttemptRecord): Conclusion {
  return { disposition: { kind: 'requeue', work, after: 0 }, event: finished(work, record, 0) };
}

/** No further attempt follows. */
function ended(work: WorkItem, record: AttemptRecord, disposition: Disposition): Conclusion {
  return { disposition, event: finished(work, record, null) };
}

function backOff(
  { settings }: Context,
  work: WorkItem,
  question: Question,
  record: AttemptRecord,
  verdict: Extract<Verdict, { kind: 'retry' }>,
): Conclusion {
  const { waitsForParked, clock, random } = settings;
  const seconds = backoffSeconds(settings, sinceLastReply(work.attempts), verdict, random());
  const after = seconds * 1000;
  const event = finished(work, record, seconds);
  if (waitsInStream(after)) return { disposition: { kind: 'requeue', work, after }, event };
  const dueAt = Math.round(clock.wall() + after);
  const parked = { kind: 'park', work, reason: record.message, dueAt, remember: { question, until: dueAt } } as const;
  const comesBack = waitsForParked || (verdict.hintSeconds ?? 0) <= LONGEST_HINT_SECONDS;
  return { disposition: comesBack ? { ...parked, back: { after } } : parked, event };
}

export function withAttempt(work: WorkItem, { record, annotations }: AttemptOutcome): WorkItem {
  const { attempts } = work;
  const others = repeatsPause(attempts, record) ? attempts.slice(0, -1) : attempts;
  const lastBilling = record.billing === 'none' ? work.lastBilling : record.billing;
  // Later requests take the parsed files from the stored reply.
  const parsed = record.verdict === 'answer' ? null : (annotations ?? work.parsed);
  return { ...work, attempts: [...others, record], lastNumber: record.number, lastBilling, parsed };
}

/** Repeated identical pauses keep only the latest record. */
function repeatsPause(attempts: readonly AttemptRecord[], { verdict, code }: AttemptRecord): boolean {
  const before = attempts.at(-1);
  return verdict === 'pause' && before?.verdict === 'pause' && before.code === code;
}

function finished({ document }: WorkItem, attempt: AttemptRecord, retryInSeconds: number | null): Conclusion['event'] {
  return { type: 'attempt-finished', id: document.id, attempt, retryInSeconds };
}
