import { describe, expect, test } from '@jest/globals';
import type { AttemptRecord } from '../../src/domain/attempt.ts';
import { PathError } from '../../src/domain/errors.ts';
import type { PipelineEvent } from '../../src/domain/events.ts';
import type { KnownAnswer } from '../../src/domain/ledger.ts';
import type { FailureReport } from '../../src/domain/ports.ts';
import type { PipelineSettings } from '../../src/pipeline/context.ts';
import { fileAnswer } from '../../src/pipeline/file-answer.ts';
import { newWorkItem, type WorkItem } from '../../src/pipeline/work-item.ts';
import { promiseTime } from '../support/virtual-time.ts';
import { answer, document, knownAnswer, outcomeOf } from './in-memory.ts';
import { type ContextInMemory, contextInMemory, question, recordOfA } from './ports-in-memory.ts';

const { record } = outcomeOf(1, answer, 'the answer');
const costing = (costUsd: number | null): AttemptRecord => ({ ...record, costUsd });

function workWith(attempts: readonly AttemptRecord[]): WorkItem {
  return { ...newWorkItem(document('a')), attempts, startedAt: 0 };
}

interface Filing {
  readonly attempts?: readonly AttemptRecord[];
  readonly settings?: Partial<PipelineSettings>;
  /** What is other about an answer that the ledger held. */
  readonly kept?: Partial<KnownAnswer>;
  /** How often the disk refuses the result. */
  readonly refusals?: number;
  /** Whether the ledger has the end of its attempt. @default true */
  readonly isRecorded?: boolean;
  /** When the run is cut off (ms). */
  readonly cutMs?: number;
  readonly arrange?: (context: ContextInMemory) => void;
}

/** Files the answer to document `a`. */
async function filed({
  attempts = [record],
  settings,
  kept,
  refusals = 0,
  isRecorded = true,
  cutMs = 60_000,
  arrange,
}: Filing = {}) {
  const time = promiseTime();
  const context = contextInMemory(time.clock, {}, settings);
  context.outbox.refusals = refusals;
  arrange?.(context);
  const events: PipelineEvent[] = [];
  let atMs = -1;
  time.schedule(() => context.gate.cut(), cutMs);
  const known = { ...knownAnswer('the answer', 'a', record), ...kept };
  const disposition = { kind: 'file', work: workWith(attempts), question, answer: known } as const;
  const filing = fileAnswer(
    context,
    { ...disposition, reused: kept !== undefined, isRecorded },
    (event) => void events.push(event),
  );
  const filedAt = filing.finally(() => {
    atMs = time.clock.now();
  });
  await time.play();
  await filedAt;
  return { events, context, atMs };
}

describe('an answer', () => {
  test('is filed and remembered, and told with the attempts that it took', async () => {
    const { events, context } = await filed({ attempts: [costing(null), record] });
    expect(events).toMatchObject([{ type: 'document-succeeded', result: 'a.md', attempts: 2, model: 'model' }]);
    expect(context.outbox.results.get('a')).toBe('the answer');
    expect(context.ledger.recall('a')).toEqual(recordOfA());
  });

  test.each([
    [[0.25], 0.25],
    [[0.25, null, 0.5], 0.75],
    [[0, null], 0],
    [[null, null], null],
  ])('whose attempts cost %j cost %s', async (costs, costUsd) => {
    expect((await filed({ attempts: costs.map(costing) })).events).toMatchObject([{ costUsd }]);
  });

  test('that the disk refuses is filed when there is room, and counts as done only then', async () => {
    const { events, context, atMs } = await filed({ refusals: 3 });
    expect(events).toMatchObject([{ type: 'document-succeeded', seconds: 3 }]);
    expect(context.ledger.recall('a')).toEqual(recordOfA());
    expect(atMs).toBe(3000);
  });

  test('that the disk still refuses when the run is cut off is not remembered as done, and said to cost again', async () => {
    const { events, context, atMs } = await filed({ refusals: 1000, cutMs: 2500 });
    expect(events).toMatchObject([
      { type: 'run-noted', level: 'warn', message: expect.stringMatching(/^a: .*paid for.*0\.01 USD/) },
      { type: 'document-pending', reason: expect.stringContaining('paid for, again') },
    ]);
    expect(context.ledger.recall('a')).toBeUndefined();
    expect(atMs).toBe(2500);
  });

  test('that the disk still refuses then is not said to cost again where the ledger holds it', async () => {
    const { events } = await filed({
      refusals: 1000,
      cutMs: 2500,
      arrange: ({ ledger }) => {
        const known = knownAnswer('the answer', 'a', record);
        ledger.answers.set(question.fingerprint, known);
      },
    });
    expect(events.at(-1)).toMatchObject({
      type: 'document-pending',
      reason: expect.stringContaining('files it'),
    });
  });

  test('whose attempt is not in the ledger is filed, but not done, and its input stays', async () => {
    const { events, context } = await filed({ settings: { after: 'delete' }, isRecorded: false });
    expect(events).toMatchObject([
      { type: 'run-noted', message: expect.stringMatching(/^a: .*a\.md.*the next run finds it in the outbox/) },
      { type: 'document-pending', id: 'a' },
    ]);
    expect(context.outbox.results.get('a')).toBe('the answer');
    expect(context.ledger.written).toEqual([]);
  });

  test('whose result lies there is found by the next run if the ledger refuses until this one is cut off, and that is said', async () => {
    const { events, context } = await filed({
      settings: { after: 'delete' },
      cutMs: 2500,
      arrange: ({ ledger }) => {
        ledger.refusals = 1000;
      },
    });
    expect(events).toMatchObject([
      {
        type: 'run-noted',
        message: expect.stringMatching(/^a: .*a\.md.*ledger refused.*the next run finds it in the outbox/),
      },
      { type: 'document-pending' },
    ]);
    expect(context.outbox.results.get('a')).toBe('the answer');
  });
});

async function closed(): Promise<never> {
  throw new PathError('It is closed.');
}

describe('an input', () => {
  test('leaves only when result and ledger have it', async () => {
    const order: string[] = [];
    const { events } = await filed({
      settings: { after: 'archive' },
      arrange: ({ inbox, ledger, outbox }) => {
        const release = async () => {
          order.push(...ledger.written, ...outbox.results.keys());
          return { to: 'a' };
        };
        Object.assign(inbox, { release });
      },
    });
    expect(order).toEqual(['done a', 'a']);
    expect(events).toMatchObject([{ type: 'document-succeeded' }, { type: 'document-departed', to: 'a' }]);
  });

  test('that cannot leave stays, and a person is told', async () => {
    const { events } = await filed({
      settings: { after: 'delete' },
      arrange: ({ inbox }) => void Object.assign(inbox, { release: closed }),
    });
    expect(events.at(-1)).toMatchObject({ type: 'run-noted', message: expect.stringContaining('It is closed.') });
  });

  test('that is no longer the one that was read stays, and its document is done', async () => {
    const { events } = await filed({
      settings: { after: 'delete' },
      arrange: ({ inbox }) => void Object.assign(inbox, { release: async () => null }),
    });
    expect(events.map(({ type }) => type)).toEqual(['document-succeeded']);
  });
});

async function barred(): Promise<never> {
  throw new PathError('A folder stands there.');
}

async function receiptOf(filing: Filing) {
  return (await filed(filing)).context.outbox.receipts.get('a');
}

describe('a receipt', () => {
  const settings = { receipts: true };

  test('is filed where receipts are wanted, and says what the attempts cost', async () => {
    expect(await receiptOf({})).toBeUndefined();
    expect(await receiptOf({ attempts: [costing(0.25), costing(0.5)], settings })).toMatchObject({
      document: 'a',
      sha256: 'a#1',
      result: 'a.md',
      fingerprint: question.fingerprint,
      requestedModel: 'model',
      attempts: 2,
      costUsd: 0.75,
      reusedFrom: null,
    });
  });

  test('of a reused answer says whose it is and costs nothing', async () => {
    expect(await receiptOf({ attempts: [], settings, kept: { document: 'b' } })).toMatchObject({
      attempts: 0,
      costUsd: 0,
      reusedFrom: 'b',
    });
  });

  test('of a result that was restored says what it cost in the first place', async () => {
    expect(await receiptOf({ settings, kept: {} })).toMatchObject({ attempts: 1, costUsd: 0.01, reusedFrom: null });
  });

  test('that has no place is told, and the result counts', async () => {
    const { events } = await filed({
      settings,
      arrange: ({ outbox }) => void Object.assign(outbox, { fileReceipt: barred }),
    });
    expect(events.map(({ type }) => type)).toEqual(['run-noted', 'document-succeeded']);
  });
});

test.each([
  [0.25, 'it cost 0.25 USD'],
  [null, 'what it cost is not known'],
])(
  'an answer that cost %s, whose own path is barred, is kept beside the report, and nothing is paused',
  async (costUsd, words) => {
    const paused: unknown[] = [];
    const kept: unknown[] = [];
    const { events, context } = await filed({
      attempts: [costing(costUsd)],
      arrange: ({ gate, outbox }) => {
        gate.events.subscribe((event) => paused.push(event));
        const fileFailureOf = outbox.fileFailure.bind(outbox);
        Object.assign(outbox, {
          fileResult: barred,
          fileFailure: (report: FailureReport, partial: string | null) => {
            kept.push(partial);
            return fileFailureOf(report, partial);
          },
        });
      },
    });
    expect(events).toMatchObject([{ type: 'document-failed', code: 'path-barred' }]);
    expect(context.outbox.reports.get('a')?.reason).toMatch(/^A folder stands there\..*\.partial\.md/);
    expect(context.outbox.reports.get('a')?.reason).toContain(words);
    expect({ kept, paused }).toEqual({ kept: ['the answer'], paused: [] });
    expect(context.ledger.recall('a')).toEqual(recordOfA({ state: 'failed' }));
  },
);

describe('an answer to a part of a document', () => {
  const inPart = { leftOut: { chart: 2 }, readers: ['docx/2'] };
  const told = { type: 'document-read-in-part', id: 'a', leftOut: { chart: 2 } };

  test('is told once, made now or reused, and its receipt has it', async () => {
    for (const madeFor of ['a', 'b']) {
      const { events, context } = await filed({ kept: { ...inPart, document: madeFor }, settings: { receipts: true } });
      expect(events.filter(({ type }) => type === 'document-read-in-part')).toEqual([told]);
      expect(context.outbox.receipts.get('a')).toMatchObject(inPart);
      expect(context.ledger.recall('a')?.readers).toEqual(['docx/2']);
    }
  });

  test('is told although the ledger refuses to note its end: the result is there', async () => {
    const { events } = await filed({ kept: inPart, isRecorded: false });
    expect(events).toContainEqual(told);
  });
});
