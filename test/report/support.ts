import { PassThrough } from 'node:stream';
import { VirtualTimeScheduler } from 'rxjs';
import { type AttemptRecord, unheard } from '../../src/domain/attempt.ts';
import type { PipelineEvent } from '../../src/domain/events.ts';
import type { Clock } from '../../src/lib/clock.ts';
import type { ReportSettings } from '../../src/report/report.ts';
import { emptyTally, type Stopping, type Tally } from '../../src/report/tally.ts';

/** An attempt that was answered, but for what `changes` says. */
function attempt(changes: Partial<AttemptRecord> = {}): AttemptRecord {
  return {
    number: 1,
    startedAt: '2026-01-01T00:00:00.000Z',
    seconds: 1,
    status: 200,
    code: 'answered',
    message: 'answered',
    provider: null,
    generationId: null,
    model: null,
    billing: 'known',
    costUsd: 0.5,
    costFrom: 'told',
    promptTokens: 100,
    cachedTokens: null,
    completionTokens: 10,
    verdict: 'answer',
    counts: true,
    ...changes,
  };
}

/** Short names for the events of one document, so that a story reads as one. */
export const eventOf = {
  queued: (id: string, bytes = 100): PipelineEvent => ({ type: 'document-queued', id, bytes }),
  skipped: (id: string, stale = false): PipelineEvent => ({ type: 'document-skipped', id, reason: 'done', stale }),
  waiting: (id: string): PipelineEvent => ({ type: 'document-waiting', id, reason: 'the same bytes are being asked' }),
  started: (id: string, number = 1): PipelineEvent => ({ type: 'attempt-started', id, number, repeated: number > 1 }),
  finished: (
    id: string,
    retryInSeconds: number | null = null,
    changes: Partial<AttemptRecord> = {},
  ): PipelineEvent => ({
    type: 'attempt-finished',
    id,
    attempt: attempt(changes),
    retryInSeconds,
  }),
  interrupted: (id: string, number = 1): PipelineEvent => ({
    type: 'attempt-interrupted',
    id,
    attempt: unheard({
      number,
      startedAt: '2026-01-01T00:00:00.000Z',
      seconds: 1,
      code: 'process-died',
      message: 'the process died while the call was in flight',
    }),
  }),
  succeeded: (id: string): PipelineEvent => ({
    type: 'document-succeeded',
    id,
    result: `${id}.md`,
    attempts: 1,
    model: 'm',
    costUsd: 0.5,
    seconds: 3,
  }),
  reused: (id: string, from = id): PipelineEvent => ({ type: 'document-reused', id, result: `${id}.md`, from }),
  departed: (id: string, to: string | null = id): PipelineEvent => ({ type: 'document-departed', id, to }),
  held: (id: string, earlier = false): PipelineEvent => ({
    type: 'document-held',
    id,
    code: 'connection-reset',
    reason: 'the request left and no whole reply came back',
    earlier,
  }),
  failed: (id: string, changes: Partial<Extract<PipelineEvent, { type: 'document-failed' }>> = {}): PipelineEvent => ({
    type: 'document-failed',
    id,
    code: 'refused',
    reason: 'it was refused',
    report: `${id}.error.json`,
    earlier: false,
    ...changes,
  }),
  reopened: (id: string): PipelineEvent => ({ type: 'document-reopened', id, reason: 'the model was' }),
  pending: (id: string): PipelineEvent => ({
    type: 'document-pending',
    id,
    reason: 'parked',
    dueAt: null,
  }),
  overBudget: (id: string): PipelineEvent => ({
    type: 'document-pending',
    id,
    reason: 'what may be spent with its recipe is spent',
    dueAt: null,
    cause: 'budget',
  }),
  noted: (id: string): PipelineEvent => ({ type: 'document-noted', id, message: 'it was cut' }),
  barred: (name: string): PipelineEvent => ({
    type: 'recipe-barred',
    name,
    reason: `The recipe ${name} cannot be used: temprature is not known.`,
    document: 'a.md',
  }),
  gone: (id: string): PipelineEvent => ({ type: 'document-gone', id }),
};

export function tallyOf(changes: Partial<Tally>): Tally {
  return { ...emptyTally, listed: true, ...changes };
}

/** How things stand when a run was ended for `reason`. */
export function stoppedFor(reason: Stopping['reason'] | null): Pick<Tally, 'stopping'> {
  return { stopping: reason === null ? null : { type: 'run-stopping', reason, signal: null, graceSeconds: 60 } };
}

/** A clock that stands still until its scheduler is flushed. */
export function virtualClock(): Clock & { readonly scheduler: VirtualTimeScheduler } {
  const scheduler = new VirtualTimeScheduler();
  return { scheduler, now: () => scheduler.now(), wall: () => scheduler.now() };
}

/** What a report needs beside where it goes to; without keys, or names to count. */
export const reportSettings: Omit<ReportSettings, 'stderr' | 'clock'> = {
  environment: {},
  logLevel: 'info',
  logFormat: null,
  logFile: null,
  quiet: false,
  secrets: ['sk-secret'],
  once: true,
  controls: null,
  names: () => null,
  openKeyboard: () => null,
  textOf: null,
};

/** A stream that passes for a terminal, and what was written to it. */
export function terminal(columns = 200) {
  const stream = Object.assign(new PassThrough(), { columns, rows: 50, isTTY: true, fd: 2 });
  return { stream, written: (): string => String(stream.read() ?? '') };
}
