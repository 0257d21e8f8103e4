import { describe, expect, test } from '@jest/globals';
import { type Observable, throwError, toArray } from 'rxjs';
import type { AttemptRecord } from '../../src/domain/attempt.ts';
import { PathTrouble } from '../../src/domain/errors.ts';
import type { FailureReport } from '../../src/domain/ports.ts';
import { fileAnswer, fileFailure, reopenFailure } from '../../src/stages/file.ts';
import { newWork, type Step, type Work } from '../../src/stages/work.ts';
import { virtualTime } from '../support/virtual-time.ts';
import { answer, document, outcomeOf } from './in-memory.ts';
import { content, type PortsInMemory, portsInMemory, recordOfA, settingsBy } from './ports-in-memory.ts';

const { record } = outcomeOf(1, answer, 'the answer');
const costing = (costUsd: number | null): AttemptRecord => ({ ...record, costUsd });

function workWith(history: readonly AttemptRecord[]): Work {
  return { ...newWork(document('a'), false), history, startedAt: 0 };
}

type Filing = (ports: PortsInMemory, settings: ReturnType<typeof settingsBy>) => Observable<Step>;

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
  (history: readonly AttemptRecord[]): Filing =>
  (ports, settings) =>
    fileAnswer(ports, settings, workWith(history), content, record, 'the answer');

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
});

const barred = () => throwError(() => new PathTrouble('A folder stands there.'));

describe('where only its own path is barred,', () => {
  test.each([
    [0.25, 'it cost 0.25 USD'],
    [null, 'what it cost is not known'],
  ])('an answer that cost %s is kept beside the report, and nothing is paused', (costUsd, words) => {
    const paused: unknown[] = [];
    const kept: unknown[] = [];
    const { steps, ports } = filed((all, settings) => {
      all.gate.events.subscribe((event) => paused.push(event));
      const fileFailureOf = all.outbox.fileFailure.bind(all.outbox);
      Object.assign(all.outbox, {
        fileResult: barred,
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
  });

  test('a report that has no place is told by its event, and remembered', () => {
    const { steps, ports } = filed((all, settings) => {
      Object.assign(all.outbox, { fileFailure: barred });
      return fileFailure(all, settings, workWith([record]), {
        ...content,
        code: 'x',
        reason: 'Refused.',
        partial: null,
      });
    });
    const reason = 'Refused. (A folder stands there.)';
    expect(steps).toMatchObject([{ event: { type: 'document-failed', code: 'x', report: null, reason } }]);
    expect(ports.ledger.recall('a')).toEqual(recordOfA({ state: 'failed' }));
  });
});

describe('a failure', () => {
  const failure = { ...content, code: 'refused', reason: 'it was refused', partial: null };

  test('is filed and remembered with every attempt, and forgotten as if it had never been where it is taken back', () => {
    const { steps, ports } = filed((all, settings) => fileFailure(all, settings, workWith([record]), failure));
    expect(steps).toMatchObject([{ event: { type: 'document-failed', code: 'refused', earlier: false } }]);
    expect(ports.outbox.reports.get('a')).toMatchObject({ reason: 'it was refused', attempts: [record] });
    expect(ports.ledger.recall('a')).toEqual(recordOfA({ state: 'failed' }));

    reopenFailure(ports, document('a'), 'the model was').subscribe();
    expect(ports.outbox.reports.has('a')).toBe(false);
    expect(ports.ledger.recall('a')).toBeUndefined();
  });
});
