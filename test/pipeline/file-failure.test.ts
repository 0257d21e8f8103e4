import { describe, expect, test } from '@jest/globals';
import { type Observable, throwError, toArray } from 'rxjs';
import { PathError } from '../../src/domain/errors.ts';
import { fileFailure, hold, reopenFailure } from '../../src/pipeline/file-failure.ts';
import { newWork, type Step } from '../../src/pipeline/work-item.ts';
import { virtualTime } from '../support/virtual-time.ts';
import { answer, document, outcomeOf, recipe } from './in-memory.ts';
import { content, portsInMemory, recordOfA, settingsBy } from './ports-in-memory.ts';

const { record } = outcomeOf(1, answer, 'the answer');
const work = { ...newWork(document('a')), attempts: [record] };
const failure = { ...content, recipe, code: 'refused', reason: 'it was refused', partial: null };

function scene() {
  const { clock } = virtualTime();
  return { ports: portsInMemory(clock), settings: settingsBy(clock) };
}

function stepsOf(steps: Observable<Step>): readonly Step[] {
  let all: readonly Step[] = [];
  steps.pipe(toArray()).subscribe((each) => (all = each));
  return all;
}

describe('a failure', () => {
  test('is filed and remembered with every attempt', () => {
    const { ports, settings } = scene();
    expect(stepsOf(fileFailure(ports, settings, work, failure))).toMatchObject([
      { event: { type: 'document-failed', code: 'refused', earlier: false } },
    ]);
    expect(ports.outbox.reports.get('a')).toMatchObject({ reason: 'it was refused', attempts: [record] });
    expect(ports.ledger.recall('a')).toEqual(recordOfA({ state: 'failed' }));
  });

  test('that is taken back is pending, and what was tried does not count', () => {
    const { ports, settings } = scene();
    ports.ledger.end({ ...content, record, answer: null, reply: null }).subscribe();
    stepsOf(fileFailure(ports, settings, work, failure));
    expect(stepsOf(reopenFailure(ports, document('a'), 'the model was'))).toMatchObject([
      { event: { type: 'document-reopened', reason: 'the model was' } },
    ]);
    expect(ports.outbox.reports.has('a')).toBe(false);
    expect(ports.ledger.recall('a')?.state).toBe('pending');
    expect(ports.ledger.version('a', content.sha256)).toMatchObject({ attempts: [], lastNumber: 1 });
  });

  test('whose report has no place is told by its event, and remembered', () => {
    const { ports, settings } = scene();
    Object.assign(ports.outbox, { fileFailure: () => throwError(() => new PathError('A folder stands there.')) });
    const reason = 'it was refused (A folder stands there.)';
    expect(stepsOf(fileFailure(ports, settings, work, failure))).toMatchObject([
      { event: { type: 'document-failed', code: 'refused', report: null, reason } },
    ]);
    expect(ports.ledger.recall('a')).toEqual(recordOfA({ state: 'failed' }));
  });
});

test('a document that is held is remembered so, and has no report', () => {
  const { ports, settings } = scene();
  expect(stepsOf(hold(ports, settings, work, failure))).toMatchObject([
    { event: { type: 'document-held', code: 'refused', earlier: false } },
  ]);
  expect(ports.ledger.recall('a')).toEqual(recordOfA({ state: 'held' }));
  expect(ports.outbox.reports.size).toBe(0);
});
