import { describe, expect, test } from '@jest/globals';
import type { AttemptRecord } from '../../src/domain/attempt.ts';
import { StoppedError } from '../../src/domain/errors.ts';
import type { PipelineEvent } from '../../src/domain/events.ts';
import type { AttemptStart, Llm, PreparedRequest, Slot } from '../../src/domain/ports.ts';
import type { Disposition } from '../../src/pipeline/disposition.ts';
import { prepareRequest } from '../../src/pipeline/prepare-request.ts';
import { apply } from '../../src/pipeline/process-document.ts';
import { type Called, send } from '../../src/pipeline/send.ts';
import { newWorkItem, type WorkItem } from '../../src/pipeline/work-item.ts';
import { promiseTime } from '../support/virtual-time.ts';
import { answer, document, ended, outcomeOf, preparedAs, recipe, retryVerdict } from './in-memory.ts';
import { type ContextInMemory, contextInMemory, freeSlot, processing } from './ports-in-memory.ts';

interface Sending {
  readonly step: Called | Disposition;
  readonly events: readonly PipelineEvent[];
}

/** Sends document `a`, and does what follows where nothing was sent. */
async function sending(context: ContextInMemory, slot: Slot, changes: Partial<WorkItem> = {}): Promise<Sending> {
  const request = await prepareRequest(context, { ...newWorkItem(document('a')), ...changes }, recipe);
  if (request.kind !== 'request') throw new Error('it is to be asked');
  const events: PipelineEvent[] = [];
  const emit = (event: PipelineEvent): void => void events.push(event);
  const step = await send(context, request, slot, { release: () => undefined }, emit);
  if (step.kind !== 'called') await apply(context, step, emit);
  return { step, events };
}

function contextFor(attempt?: PreparedRequest['attempt']): ContextInMemory {
  const llm: Llm | undefined = attempt && { prepare: () => preparedAs(attempt) };
  return contextInMemory(promiseTime().clock, llm && { llm });
}

describe('a document whose call may not start for now', () => {
  test('stands in line again', async () => {
    const context = contextFor();
    const { step, events } = await sending(context, { ...freeSlot, reserve: async () => ({ kind: 'requeue' }) });
    expect(events).toEqual([{ type: 'document-queued', id: 'a', bytes: expect.any(Number) }]);
    expect(step).toMatchObject({ kind: 'requeue', work: { document: { id: 'a' }, lastNumber: 0 }, after: 0 });
    expect(context.ledger.written).toEqual([]);
  });

  test('is remembered as not sent where its attempt was recorded already, which counts for nothing', async () => {
    const context = contextFor();
    const records: AttemptRecord[] = [];
    const end = context.ledger.end.bind(context.ledger);
    Object.assign(context.ledger, {
      end: (attempt: Parameters<typeof end>[0]) => {
        records.push(attempt.record);
        return end(attempt);
      },
    });
    const { step, events } = await sending(
      context,
      { ...freeSlot, call: async () => 'requeue' },
      { sha256: 'a#1', lastNumber: 2 },
    );
    expect(events).toEqual([{ type: 'document-queued', id: 'a', bytes: expect.any(Number) }]);
    expect(step).toMatchObject({ kind: 'requeue', work: { lastNumber: 3, attempts: [] }, after: 0 });
    expect(context.ledger.written).toEqual(['begin a 3', 'end a 3']);
    expect(records).toMatchObject([{ code: 'not-sent', billing: 'none', counts: false }]);
  });
});

test('a call that did not leave, and that the ledger refuses to record so until the run is cut off, fails no document', async () => {
  const time = promiseTime();
  const context = contextInMemory(time.clock);
  const call = async (): Promise<'requeue'> => {
    context.ledger.refusals = 1000;
    return 'requeue';
  };
  const sent = sending(context, { ...freeSlot, call }).catch((error: unknown) => error);
  time.schedule(() => context.gate.cut(), 2500);
  await time.play();
  expect(await sent).toBeInstanceOf(StoppedError);
  expect(context.ledger.written).toEqual(['begin a 1']);
});

test('a document whose call is beyond the whole budget fails, and says what to do', async () => {
  const context = contextInMemory(promiseTime().clock, {
    prices: { of: () => ({ prompt: 0, completion: 0.015, request: 0 }) },
  });
  const { events } = await sending(context, { ...freeSlot, reserve: async () => ({ kind: 'unaffordable' }) });
  expect(events).toMatchObject([{ type: 'document-failed', id: 'a', code: 'over-budget' }]);
  expect(context.outbox.reports.get('a')?.reason).toContain('1.5000 USD');
  expect(context.ledger.written).toEqual(['failed a']);
});

async function lose(call: () => Promise<unknown>): Promise<never> {
  await call();
  throw new TypeError('a mistake');
}

test('a call that was made counts, whatever mistake of the program the gate made of it', async () => {
  const context = contextFor();
  const { step, events } = await sending(context, { ...freeSlot, call: lose });
  expect(events.at(-1)).toMatchObject({ type: 'run-noted', level: 'warn' });
  expect(step).toMatchObject({ kind: 'called', accepted: { answer: { text: 'the answer' } } });
});

/** Whether the reply that the API may have kept is wanted again, for a document with this past. */
async function skipsCache(
  attempts: readonly Partial<AttemptRecord>[],
  changes: Partial<WorkItem> = {},
): Promise<boolean | undefined> {
  const starts: AttemptStart[] = [];
  const context = contextFor((start) => {
    starts.push(start);
    return ended(outcomeOf(start.number, answer, 'the answer'));
  });
  const {
    document: asked,
    sha256,
    failed,
  } = { document: document('a'), sha256: 'a#1', failed: outcomeOf(1, retryVerdict(), '').record };
  await context.ledger.settle({ document: asked, sha256, api: 'api', recipe, state: 'pending', dueAt: null });
  for (const [index, past] of attempts.entries()) {
    const record = { ...failed, ...past, number: index + 1 };
    // oxlint-disable-next-line no-await-in-loop -- in order
    await context.ledger.end({ document: asked, sha256, record, answer: null, reply: null });
  }
  await sending(context, freeSlot, changes);
  return starts[0]?.skipCache;
}

describe('a reply that the API may have kept', () => {
  test.each<[string, readonly Partial<AttemptRecord>[], boolean]>([
    ['none was made', [], false],
    ['it was lost on its way', [{ billing: 'in doubt' }], false],
    ['it came whole and was no answer', [{ billing: 'known' }], true],
    ['it came whole, and the next attempt was not billed', [{ billing: 'known' }, { billing: 'none' }], true],
    ['it came whole, and the next one was lost', [{ billing: 'known' }, { billing: 'in doubt' }], false],
  ])('is not wanted again where %s: %j %s', async (_, attempts, skips) => {
    expect(await skipsCache(attempts)).toBe(skips);
  });

  test('is not wanted where all are to be asked again', async () => {
    expect(await skipsCache([], { redo: true })).toBe(true);
  });
});

describe('before anything is sent', () => {
  test('the attempt is recorded, with the head of the reply as soon as it is there', async () => {
    const order: string[] = [];
    const context = contextFor((_, listener) => {
      order.push(...context.ledger.written, 'sent');
      listener.head({ status: 200, generationId: 'gen-1' });
      return ended(outcomeOf(1, answer, 'the answer'));
    });
    await sending(context, freeSlot);
    expect(order).toEqual(['begin a 1', 'sent']);
    expect(context.ledger.written).toEqual(['begin a 1', 'head a 1 200']);
  });

  test('attempts that no longer count are forgiven in the ledger', async () => {
    const forgiven: number[] = [];
    const context = contextFor();
    const begin = context.ledger.begin.bind(context.ledger);
    Object.assign(context.ledger, {
      begin: (attempt: Parameters<typeof begin>[0]) => {
        forgiven.push(attempt.forgiven);
        return begin(attempt);
      },
    });
    const { step } = await sending(context, freeSlot, { sha256: 'a#1', lastNumber: 3, forgiven: 3 });
    expect(forgiven).toEqual([3]);
    expect(step).toMatchObject({
      kind: 'called',
      outcome: { record: { number: 4 } },
      request: { work: { attempts: [] } },
    });
  });

  test('nothing leaves while the ledger refuses, and nothing at all where the run ends meanwhile', async () => {
    const time = promiseTime();
    const context = contextInMemory(time.clock);
    context.ledger.refusals = 1000;
    time.schedule(() => context.gate.close('disk'), 2500);
    const { events, isDone } = processing(context, newWorkItem(document('a')));
    await time.play();
    expect(events).toMatchObject([
      { type: 'document-pending', id: 'a', reason: 'the run ended before it could be sent' },
    ]);
    expect(isDone()).toBe(true);
    expect(context.ledger.written).toEqual([]);
  });
});

describe('a call that is cut off', () => {
  const head = { status: 200, generationId: 'gen-1' };

  /** The run is cut off 1.5 s after the call started; `tells` says whether the head of its reply came before. */
  async function cutOff(tells: boolean) {
    const time = promiseTime();
    let aborted = 0;
    const attempt: PreparedRequest['attempt'] = (_, listener) => {
      if (tells) listener.head(head);
      return { outcome: new Promise(() => undefined), abort: () => (aborted += 1) };
    };
    const context = contextInMemory(time.clock, { llm: { prepare: () => preparedAs(attempt) } });
    time.schedule(() => context.gate.cut(), 1500);
    const sent = sending(context, freeSlot);
    await time.play();
    return { ...(await sent), aborted };
  }

  test('is aborted, and given up as in doubt: it may have been billed', async () => {
    const { step, events, aborted } = await cutOff(false);
    expect(aborted).toBe(1);
    expect(events).toMatchObject([{ type: 'attempt-started', number: 1, repeated: false }]);
    expect(step).toMatchObject({
      kind: 'called',
      request: { work: { startedAt: 0 } },
      outcome: { record: { code: 'cut-off', billing: 'in doubt', seconds: 1.5, number: 1 } },
    });
  });

  test('keeps what the head of its reply told', async () => {
    const { step } = await cutOff(true);
    expect(step).toMatchObject({ outcome: { record: { code: 'cut-off', ...head } } });
  });
});

describe('a call that a mistake of the program loses', () => {
  test.each<[string, PreparedRequest['attempt']]>([
    [
      'before it returns',
      () => {
        throw new TypeError('a mistake');
      },
    ],
    ['later', () => ({ outcome: Promise.reject(new TypeError('a mistake')), abort: () => undefined })],
  ])('%s is in doubt', async (_, attempt) => {
    const { step } = await sending(contextFor(attempt), freeSlot);
    expect(step).toMatchObject({
      kind: 'called',
      outcome: { record: { code: 'unexpected', billing: 'in doubt', message: 'a mistake of the program: a mistake' } },
    });
  });
});

test('the memory of a document is free as soon as its request was written', async () => {
  const context = contextFor((start, listener) => {
    listener.sent();
    return ended(outcomeOf(start.number, answer, 'the answer'));
  });
  const request = await prepareRequest(context, newWorkItem(document('a')), recipe);
  if (request.kind !== 'request') throw new Error('it is to be asked');
  let released = 0;
  await send(context, request, freeSlot, { release: () => (released += 1) }, () => undefined);
  expect(released).toBe(1);
});
