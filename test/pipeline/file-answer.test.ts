import { describe, expect, test } from '@jest/globals';
import { type Observable, of, throwError, toArray } from 'rxjs';
import type { AttemptRecord } from '../../src/domain/attempt.ts';
import { PathError } from '../../src/domain/errors.ts';
import type { KnownAnswer } from '../../src/domain/ledger.ts';
import type { FailureReport } from '../../src/domain/ports.ts';
import type { AskSettings } from '../../src/pipeline/context.ts';
import { fileAnswer } from '../../src/pipeline/file-answer.ts';
import { newWork, type Step, type Work } from '../../src/pipeline/work-item.ts';
import { virtualTime } from '../support/virtual-time.ts';
import { answer, document, outcomeOf, plainAnswer } from './in-memory.ts';
import { type PortsInMemory, portsInMemory, question, recordOfA, settingsBy } from './ports-in-memory.ts';

const { record } = outcomeOf(1, answer, 'the answer');
const costing = (costUsd: number | null): AttemptRecord => ({ ...record, costUsd });

function workWith(attempts: readonly AttemptRecord[]): Work {
  return { ...newWork(document('a')), attempts, startedAt: 0 };
}

type Filing = (ports: PortsInMemory, settings: AskSettings) => Observable<Step>;

/** Files over a disk that refuses so many times; the run is cut off after `cutMs`. */
function filed(
  file: Filing,
  refusals = 0,
  cutMs = 60_000,
): { readonly steps: readonly Step[]; readonly ports: PortsInMemory; readonly atMs: number } {
  const { scheduler, clock } = virtualTime();
  const ports = portsInMemory(clock);
  ports.outbox.refusals = refusals;
  let steps: readonly Step[] = [];
  let atMs = 0;
  scheduler.run(() => {
    scheduler.schedule(() => ports.gate.cut(), cutMs);
    file(ports, settingsBy(clock))
      .pipe(toArray())
      .subscribe((all) => {
        steps = all;
        atMs = scheduler.now();
      });
  });
  return { steps, ports, atMs };
}

const filing =
  (
    attempts: readonly AttemptRecord[],
    more: Partial<AskSettings> = {},
    kept: Partial<KnownAnswer> | null = null,
  ): Filing =>
  (ports, settings) =>
    fileAnswer(ports, { ...settings, ...more }, workWith(attempts), question, {
      ...plainAnswer('the answer'),
      document: 'a',
      attempt: record,
      reused: kept !== null,
      ...kept,
    });

describe('an answer', () => {
  test('is filed and remembered, and told with the attempts that it took', () => {
    const { steps, ports } = filed(filing([costing(null), record]));
    expect(steps).toMatchObject([
      { event: { type: 'document-succeeded', result: 'a.md', attempts: 2, model: 'model' } },
    ]);
    expect(ports.outbox.results.get('a')).toBe('the answer');
    expect(ports.ledger.recall('a')).toEqual(recordOfA());
  });

  test.each([
    [[0.25], 0.25],
    [[0.25, null, 0.5], 0.75],
    [[0, null], 0],
    [[null, null], null],
  ])('whose attempts cost %j cost %s', (costs, costUsd) => {
    expect(filed(filing(costs.map(costing))).steps).toMatchObject([{ event: { costUsd } }]);
  });

  test('that the disk refuses is filed when there is room, and counts as done only then', () => {
    const { steps, ports, atMs } = filed(filing([record]), 3);
    expect(steps).toMatchObject([{ event: { type: 'document-succeeded', seconds: 3 } }]);
    expect(ports.ledger.recall('a')).toEqual(recordOfA());
    expect(atMs).toBe(3000);
  });

  test('that the disk still refuses when the run is cut off is not remembered as done, and said to cost again', () => {
    const { steps, ports, atMs } = filed(filing([record]), 1000, 2500);
    expect(steps).toMatchObject([
      { event: { type: 'run-noted', level: 'warn', message: expect.stringMatching(/^a: .*paid for.*0\.01 USD/) } },
      { event: { type: 'document-pending', reason: expect.stringContaining('paid for, again') } },
    ]);
    expect(ports.ledger.recall('a')).toBeUndefined();
    expect(atMs).toBe(2500);
  });

  test('that the disk still refuses then is not said to cost again where the ledger holds it', () => {
    const { steps } = filed(
      (ports, settings) => {
        ports.ledger.answers.set(question.fingerprint, {
          ...plainAnswer('the answer'),
          document: 'a',
          attempt: record,
        });
        return filing([record])(ports, settings);
      },
      1000,
      2500,
    );
    expect(steps.at(-1)).toMatchObject({
      event: { type: 'document-pending', reason: expect.stringContaining('files it') },
    });
  });

  test('whose result lies there does not count where the ledger refuses until the run is cut off, and that is said', () => {
    const { steps, ports } = filed(
      (all, settings) => {
        all.ledger.refusals = 1000;
        return filing([record], { after: 'delete' })(all, settings);
      },
      0,
      2500,
    );
    expect(steps).toMatchObject([
      { event: { type: 'run-noted', message: expect.stringMatching(/^a: .*a\.md.*ledger refused.*paid for, again/) } },
      { event: { type: 'document-pending' } },
    ]);
    expect(ports.outbox.results.get('a')).toBe('the answer');
  });
});

const closed = () => throwError(() => new PathError('It is closed.'));

describe('an input', () => {
  test('leaves only when result and ledger have it', () => {
    const order: string[] = [];
    const { steps } = filed((ports, settings) => {
      const release = () => {
        order.push(...ports.ledger.written, ...ports.outbox.results.keys());
        return of('a');
      };
      return filing([record], { after: 'archive' })({ ...ports, inbox: { ...ports.inbox, release } }, settings);
    });
    expect(order).toEqual(['done a', 'a']);
    expect(steps.map(({ event }) => event)).toMatchObject([
      { type: 'document-succeeded' },
      { type: 'document-departed', to: 'a' },
    ]);
  });

  test('that cannot leave stays, and a person is told', () => {
    const { steps } = filed((ports, settings) =>
      filing([record], { after: 'delete' })({ ...ports, inbox: { ...ports.inbox, release: closed } }, settings),
    );
    expect(steps.at(-1)).toMatchObject({
      event: { type: 'run-noted', message: expect.stringContaining('It is closed.') },
    });
  });
});

const receiptOf = (...arrangement: Parameters<typeof filing>) =>
  filed(filing(...arrangement)).ports.outbox.receipts.get('a');

describe('a receipt', () => {
  test('is filed where receipts are wanted, and says what the attempts cost', () => {
    expect(receiptOf([record])).toBeUndefined();
    expect(receiptOf([costing(0.25), costing(0.5)], { receipts: true })).toMatchObject({
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

  test('of a reused answer says whose it is and costs nothing', () => {
    expect(receiptOf([], { receipts: true }, { document: 'b' })).toMatchObject({
      attempts: 0,
      costUsd: 0,
      reusedFrom: 'b',
    });
  });

  test('of a result that was restored says what it cost in the first place', () => {
    expect(receiptOf([record], { receipts: true }, {})).toMatchObject({ attempts: 1, costUsd: 0.01, reusedFrom: null });
  });

  test('that has no place is told, and the result counts', () => {
    const { steps } = filed((ports, settings) => {
      Object.assign(ports.outbox, { fileReceipt: () => throwError(() => new PathError('A folder stands there.')) });
      return filing([record], { receipts: true })(ports, settings);
    });
    expect(steps.map(({ event }) => event.type)).toEqual(['run-noted', 'document-succeeded']);
  });
});

test.each([
  [0.25, 'it cost 0.25 USD'],
  [null, 'what it cost is not known'],
])(
  'an answer that cost %s, whose own path is barred, is kept beside the report, and nothing is paused',
  (costUsd, words) => {
    const paused: unknown[] = [];
    const kept: unknown[] = [];
    const { steps, ports } = filed((all, settings) => {
      all.gate.events.subscribe((event) => paused.push(event));
      const fileFailureOf = all.outbox.fileFailure.bind(all.outbox);
      Object.assign(all.outbox, {
        fileResult: () => throwError(() => new PathError('A folder stands there.')),
        fileFailure: (report: FailureReport, partial: string | null) => {
          kept.push(partial);
          return fileFailureOf(report);
        },
      });
      return filing([costing(costUsd)])(all, settings);
    });
    expect(steps).toMatchObject([{ event: { type: 'document-failed', code: 'path-barred' } }]);
    expect(ports.outbox.reports.get('a')?.reason).toMatch(/^A folder stands there\..*\.partial\.md/);
    expect(ports.outbox.reports.get('a')?.reason).toContain(words);
    expect({ kept, paused }).toEqual({ kept: ['the answer'], paused: [] });
    expect(ports.ledger.recall('a')).toEqual(recordOfA({ state: 'failed' }));
  },
);
