import { describe, expect, test } from '@jest/globals';
import { PathError } from '../../src/domain/errors.ts';
import type { PipelineEvent } from '../../src/domain/events.ts';
import { fileFailure, hold, reopenFailure } from '../../src/pipeline/file-failure.ts';
import { newWorkItem } from '../../src/pipeline/work-item.ts';
import { promiseTime } from '../support/virtual-time.ts';
import { answer, document, outcomeOf, recipe } from './in-memory.ts';
import { content, contextInMemory, recordOfA } from './ports-in-memory.ts';

const { record } = outcomeOf(1, answer, 'the answer');
const work = { ...newWorkItem(document('a')), attempts: [record] };
const failure = { ...content, recipe, code: 'refused', reason: 'it was refused', partial: null };

async function barred(): Promise<never> {
  throw new PathError('A folder stands there.');
}

function scene() {
  const time = promiseTime();
  const context = contextInMemory(time.clock);
  const events: PipelineEvent[] = [];
  const emit = (event: PipelineEvent): void => void events.push(event);
  return { time, context, events, emit };
}

describe('a failure', () => {
  test('is filed and remembered with every attempt', async () => {
    const { context, events, emit } = scene();
    await fileFailure(context, work, failure, emit);
    expect(events).toMatchObject([{ type: 'document-failed', code: 'refused', earlier: false }]);
    expect(context.outbox.reports.get('a')).toMatchObject({ reason: 'it was refused', attempts: [record] });
    expect(context.ledger.recall('a')).toEqual(recordOfA({ state: 'failed' }));
  });

  test('that is taken back is pending, and what was tried does not count', async () => {
    const { context, events, emit } = scene();
    await context.ledger.end({ ...content, record, answer: null, reply: null });
    await fileFailure(context, work, failure, emit);
    await reopenFailure(context, document('a'), 'the model was', emit);
    expect(events.slice(1)).toMatchObject([{ type: 'document-reopened', reason: 'the model was' }]);
    expect(context.outbox.reports.has('a')).toBe(false);
    expect(context.ledger.recall('a')?.state).toBe('pending');
    expect(await context.ledger.version('a', content.sha256)).toMatchObject({ attempts: [], lastNumber: 1 });
  });

  test('whose report has no place is told by its event, and remembered', async () => {
    const { context, events, emit } = scene();
    Object.assign(context.outbox, { fileFailure: barred });
    await fileFailure(context, work, failure, emit);
    const reason = 'it was refused (A folder stands there.)';
    expect(events).toMatchObject([{ type: 'document-failed', code: 'refused', report: null, reason }]);
    expect(context.ledger.recall('a')).toEqual(recordOfA({ state: 'failed' }));
  });

  test('that the disk refuses until the run is cut off is pending; one that is to be taken back then stands', async () => {
    const { time, context, events, emit } = scene();
    context.ledger.refusals = 1000;
    time.schedule(() => context.gate.cut(), 2500);
    const both = [fileFailure(context, work, failure, emit), reopenFailure(context, document('b'), 'x', emit)];
    await time.play();
    expect(await Promise.all(both)).toEqual([false, undefined]);
    expect(events).toMatchObject([
      { type: 'document-pending', id: 'a', reason: expect.stringContaining('the report') },
    ]);
  });
});

describe('a document that is held', () => {
  const held = { kind: 'hold', work, failure } as const;

  test('is remembered so, and has no report', async () => {
    const { context, events, emit } = scene();
    await hold(context, held, emit);
    expect(events).toMatchObject([{ type: 'document-held', code: 'refused', earlier: false }]);
    expect(context.ledger.recall('a')).toEqual(recordOfA({ state: 'held' }));
    expect(context.outbox.reports.size).toBe(0);
  });

  test('is pending where the disk refuses to note it until the run is cut off', async () => {
    const { time, context, events, emit } = scene();
    context.ledger.refusals = 1000;
    time.schedule(() => context.gate.cut(), 2500);
    const holding = hold(context, held, emit);
    await time.play();
    await holding;
    expect(events).toMatchObject([{ type: 'document-pending', id: 'a' }]);
  });
});
