import { describe, expect, test } from '@jest/globals';
import type { AttemptRecord, Verdict } from '../../src/domain/attempt.ts';
import type { PipelineEvent } from '../../src/domain/events.ts';
import type { PipelineSettings } from '../../src/pipeline/context.ts';
import type { Disposition, Request } from '../../src/pipeline/disposition.ts';
import { conclude, recordOutcome } from '../../src/pipeline/outcome.ts';
import { apply } from '../../src/pipeline/process-document.ts';
import type { Called } from '../../src/pipeline/send.ts';
import { newWorkItem, type WorkItem } from '../../src/pipeline/work-item.ts';
import type { Later } from '../../src/pipeline/work-queue.ts';
import { promiseTime } from '../support/virtual-time.ts';
import {
  answer,
  document,
  ended,
  knownAnswer,
  outcomeOf,
  pauseAccount,
  plainAnswer,
  preparedAs,
  refusedRequest,
  retryVerdict,
} from './in-memory.ts';
import { type ContextInMemory, contextInMemory, question, recordOfA } from './ports-in-memory.ts';

interface Followed {
  readonly events: readonly PipelineEvent[];
  /** The document as it comes back to this run, and after what; null where it does not. */
  readonly later: Later<WorkItem> | null;
  readonly context: ContextInMemory;
}

/** What follows from a disposition. */
async function following(disposition: Disposition, context = contextInMemory(promiseTime().clock)): Promise<Followed> {
  const events: PipelineEvent[] = [];
  const later = await apply(context, disposition, (event) => void events.push(event));
  return { events, later, context };
}

function itWasJudged(): never {
  throw new Error('it was judged already');
}

function requestOf(work: WorkItem): Request {
  const prepared = preparedAs(({ number }) => ended(outcomeOf(number, answer, 'the answer')));
  return {
    kind: 'request',
    sentWhole: false,
    work,
    question,
    provenance: { leftOut: { chart: 2 }, readers: ['docx/2'] },
    prepared,
    replyKey: null,
    judge: itWasJudged,
  };
}

function calledWith(
  verdict: Verdict,
  attempts: readonly AttemptRecord[],
  changes: Partial<AttemptRecord> = {},
): Called {
  const told = outcomeOf(200, verdict, 'the answer');
  const outcome = { ...told, record: { ...told.record, ...changes } };
  const request = requestOf({ ...newWorkItem(document('a')), attempts, startedAt: 0 });
  const filed = verdict.kind === 'answer' ? plainAnswer('the answer') : null;
  return {
    kind: 'called',
    request,
    model: 'model',
    outcome,
    reopen: [],
    accepted: { outcome, answer: filed, kept: null },
  };
}

/** What follows from a call of document `a`. */
async function afterCall(called: Called, settings: Partial<PipelineSettings> = {}): Promise<Followed> {
  const context = contextInMemory(promiseTime().clock, {}, settings);
  await recordOutcome(context, called);
  const { event, disposition } = conclude(context, called, true);
  const followed = await following(disposition, context);
  return { ...followed, events: [event, ...followed.events] };
}

/** What follows from an attempt that came to this, after so many others. */
function afterAttempt(
  verdict: Verdict,
  before = { counted: 0, uncounted: 0 },
  settings: Partial<PipelineSettings> = {},
): Promise<Followed> {
  const attempts = [
    ...Array.from({ length: before.counted }, (_, index) => outcomeOf(index + 1, retryVerdict(), '').record),
    ...Array.from({ length: before.uncounted }, (_, index) => outcomeOf(index + 50, retryVerdict(1), '').record),
  ];
  return afterCall(calledWith(verdict, attempts), settings);
}

const hinted = retryVerdict(1);

describe('an answer', () => {
  test('is in the ledger before its result is filed', async () => {
    const { context } = await afterAttempt(answer);
    expect(context.ledger.written).toEqual(['end a 200', 'done a']);
    expect(await context.ledger.answer('fingerprint of a')).toMatchObject({ text: 'the answer' });
  });

  test('is for all documents of the same bytes, which look for it all at once', async () => {
    const context = contextInMemory(promiseTime().clock);
    const { fingerprint } = question;
    context.singleFlight.join(fingerprint, 'a');
    for (const id of ['b', 'c']) {
      const joined = context.singleFlight.join(fingerprint, id);
      if (joined.kind === 'follows') joined.landed(() => undefined);
    }
    await recordOutcome(context, calledWith(answer, []));
    context.singleFlight.leave('a');
    expect(['b', 'c'].map((id) => context.singleFlight.join(fingerprint, id).kind)).toEqual(['answered', 'answered']);
  });

  test('that the ledger held is filed as reused', async () => {
    const { record } = outcomeOf(1, answer, 'kept');
    const known = knownAnswer('kept', 'b', record);
    const work = newWorkItem(document('a'));
    const { events, context } = await following({
      kind: 'file',
      work,
      question,
      answer: known,
      reused: true,
      isRecorded: true,
    });
    expect(events).toMatchObject([{ type: 'document-reused', result: 'a.md', from: 'b' }]);
    expect(context.outbox.results.get('a')).toBe('kept');
    expect(context.ledger.recall('a')).toEqual(recordOfA());
  });

  test('that the ledger held is pending in the ledger before its result is filed: the next run knows whose it is', async () => {
    const { record } = outcomeOf(1, answer, 'kept');
    const known = knownAnswer('kept', 'b', record);
    const work = newWorkItem(document('a'));
    const { context } = await following({
      kind: 'file',
      work,
      question,
      answer: known,
      reused: true,
      isRecorded: true,
    });
    expect(context.ledger.written).toEqual(['pending a', 'done a']);
  });
});

describe('the wait for another attempt', () => {
  test('is none where the request goes again at once in another form, however often', async () => {
    const atOnce: Verdict = { kind: 'retry', cools: 'document', hintSeconds: null, counts: false, atOnce: true };
    const { later, events } = await afterAttempt(atOnce, { counted: 0, uncounted: 5 }, { retries: 0 });
    expect(later?.after).toBe(0);
    expect(events).toMatchObject([{ type: 'attempt-finished', retryInSeconds: 0 }]);
  });

  test.each([
    [{ counted: 0, uncounted: 0 }, retryVerdict(), 2],
    [{ counted: 1, uncounted: 0 }, retryVerdict(), 4],
    [{ counted: 0, uncounted: 1 }, hinted, 4],
    [{ counted: 0, uncounted: 4 }, hinted, 32],
    [{ counted: 0, uncounted: 5 }, hinted, 64],
    [{ counted: 0, uncounted: 50 }, hinted, 64],
    [{ counted: 0, uncounted: 0 }, retryVerdict(7), 7],
  ])(
    'grows with the attempts before, %j, but with those that do not count only so far',
    async (before, verdict, wait) => {
      const { events } = await afterAttempt(verdict, before);
      expect(events[0]).toMatchObject({ type: 'attempt-finished', retryInSeconds: wait });
    },
  );

  test('is short where the document was one too many at once', async () => {
    const { events } = await afterAttempt({ ...retryVerdict(), limit: 'concurrency' } as Verdict);
    expect(events[0]).toMatchObject({ retryInSeconds: 0.5 });
  });

  test('that is longer than a minute is spent outside the stream, and noted in the ledger', async () => {
    const { events, later, context } = await afterAttempt(retryVerdict(61));
    expect(events[0]).toMatchObject({ type: 'attempt-finished', retryInSeconds: 61 });
    expect(events[1]).toMatchObject({ type: 'document-pending', dueAt: 61_000 });
    expect(later).toMatchObject({ item: { document: { id: 'a' }, lastNumber: 200 }, after: 61_000 });
    expect(context.ledger.recall('a')).toMatchObject({ state: 'pending', dueAt: 61_000 });
  });

  test.each([
    [16 * 60, true, true],
    [16 * 60, false, false],
    [14 * 60, false, true],
  ])(
    'of %d s: the document comes back to a run that waits for long ones (%s): %s',
    async (hint, waitsForParked, comesBack) => {
      const { later, events } = await afterAttempt(retryVerdict(hint), undefined, { waitsForParked });
      expect(events.at(-1)).toMatchObject({ type: 'document-pending', dueAt: hint * 1000 });
      expect(later !== null).toBe(comesBack);
    },
  );
});

describe('no further attempt follows', () => {
  test.each([
    ['the retries are used up', { counted: 2, uncounted: 0 }, retryVerdict()],
    ['a hundred were made that do not count', { counted: 0, uncounted: 99 }, hinted],
  ])('where %s', async (_, before, verdict) => {
    const { events, later } = await afterAttempt(verdict, before);
    expect(events).toMatchObject([
      { type: 'attempt-finished', retryInSeconds: null },
      { type: 'document-failed', code: 'retries-used-up', reason: expect.stringContaining('it ended in retry') },
    ]);
    expect(later).toBeNull();
  });

  test('where it may have been billed and the person wants it held', async () => {
    const called = calledWith(retryVerdict(), [], { billing: 'in doubt', counts: true });
    const held = await afterCall(called, { inDoubt: 'hold' });
    expect(held.events.at(-1)).toMatchObject({ type: 'document-held', code: 'in-doubt', earlier: false });
    expect(held.context.ledger.recall('a')).toMatchObject({ state: 'held' });
    const { events } = await afterCall(called);
    expect(events.at(-1)).toMatchObject({ type: 'attempt-finished', retryInSeconds: 2 });
  });
});

test('a pause counts neither as a retry nor as a wait', async () => {
  const { events, later } = await afterAttempt(pauseAccount, { counted: 2, uncounted: 9 });
  const attempts = later?.item.attempts ?? [];
  expect(events).toMatchObject([{ type: 'attempt-finished', retryInSeconds: 0 }]);
  expect(later?.after).toBe(0);
  expect(attempts.filter(({ counts }) => counts)).toHaveLength(2);
  expect(attempts.filter(({ counts, verdict }) => !counts && verdict === 'retry')).toHaveLength(9);
});

test('of the same pause again and again, the last one is remembered', async () => {
  const paused = outcomeOf(199, pauseAccount, '').record;
  const { later } = await afterCall(calledWith(pauseAccount, [paused]));
  expect(later?.item.attempts).toMatchObject([{ number: 200 }]);
});

test('a refusal that may be a mistake of configuration is taken back where the model refuses every document', async () => {
  const context = contextInMemory(promiseTime().clock);
  const refused = outcomeOf(1, refusedRequest, '');
  for (let count = 0; count < 5; count += 1) context.modelCheck.check('model', refused);
  const { disposition } = conclude(context, calledWith(refusedRequest, []), true);
  const { events } = await following(disposition, context);
  expect(events.map(({ type }) => type)).toEqual(['document-failed', 'document-reopened']);
  expect(context.ledger.recall('a')).toMatchObject({ state: 'pending' });
  expect(context.outbox.reports.size).toBe(0);
});

/** The run is cut off after 2.5 s, and the ledger refuses to write that long. */
async function cutOff(act: (context: ContextInMemory, emit: (event: PipelineEvent) => void) => Promise<unknown>) {
  const time = promiseTime();
  const context = contextInMemory(time.clock);
  const events: PipelineEvent[] = [];
  context.ledger.refusals = 1000;
  time.schedule(() => context.gate.cut(), 2500);
  const acted = act(context, (event) => void events.push(event));
  await time.play();
  await acted;
  expect(time.clock.now()).toBe(2500);
  return { events, context };
}

describe('where the run is cut off while the ledger refuses', () => {
  test('an answer is filed all the same', async () => {
    const { context } = await cutOff(async (all, emit) => {
      const called = calledWith(answer, []);
      await recordOutcome(all, called);
      await apply(all, conclude(all, called, true).disposition, emit);
    });
    expect(context.outbox.results.get('a')).toBe('the answer');
  });

  test('a document that waits for long is pending all the same', async () => {
    const { events } = await cutOff((all, emit) =>
      apply(all, conclude(all, calledWith(retryVerdict(3600), []), true).disposition, emit),
    );
    expect(events).toMatchObject([{ type: 'document-pending', dueAt: 3_600_000 }]);
  });
});
