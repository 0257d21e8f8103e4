import { describe, expect, test } from '@jest/globals';
import type { LeftOut } from '../../src/domain/document.ts';
import { type PipelineEvent, RUN_ENDED } from '../../src/domain/events.ts';
import { RunningTally } from '../../src/report/running-tally.ts';
import { emptyTally, type Stopping, type Tally } from '../../src/report/tally.ts';
import { eventOf, virtualClock } from './support.ts';

const { queued, skipped, waiting, started, finished, interrupted, succeeded, reused, departed, held } = eventOf;
const { failed, reopened, pending, overBudget, noted, barred, gone } = eventOf;

function after(...events: PipelineEvent[]): Tally {
  const tally = new RunningTally(virtualClock());
  for (const event of events) tally.count(event);
  return tally.snapshot();
}

/** The phases that hold documents, and how many. */
function phases(...events: PipelineEvent[]): Partial<Tally> {
  const tally = after(...events);
  const names = [
    'queued',
    'running',
    'filing',
    'waiting',
    'pending',
    'overBudget',
    'leftByLimit',
    'held',
    'failed',
    'succeeded',
    'reused',
    'skipped',
    'gone',
  ] as const;
  return Object.fromEntries(names.filter((name) => tally[name] !== 0).map((name) => [name, tally[name]]));
}

test('a snapshot is not changed by later events', () => {
  const tally = new RunningTally(virtualClock());
  tally.count(queued('a'));
  const before = tally.snapshot();
  for (const event of [started('a'), finished('a', 1, { code: 'rate-limited' })]) tally.count(event);
  expect(before).toEqual({ ...emptyTally, queued: 1, openBytes: 100 });
  expect(tally.snapshot()).toMatchObject({ queued: 0, waiting: 1, limits: { 'rate-limited': 1 } });
});

test('a further request of a document is a call, and no retry', () => {
  const further: PipelineEvent = { type: 'attempt-started', id: 'a', number: 2, repeated: false };
  const continued = finished('a', 0, { code: 'continued' });
  const tally = after(queued('a'), started('a'), continued, further, finished('a'), succeeded('a'));
  expect(tally).toMatchObject({ attempts: 2, retries: 0, costUsd: 1, promptTokens: 200, succeeded: 1, worked: 1 });
});

test('bytes are those of documents that are open, and of those that were asked', () => {
  const open = [queued('a', 10), queued('b', 20), queued('c', 30), queued('d', 40)];
  const asked = [started('a'), finished('a'), succeeded('a'), started('b'), finished('b'), failed('b')];
  const tally = after(...open, ...asked, reused('c'));
  expect(tally).toMatchObject({ worked: 3, asked: 2, askedBytes: 30, openBytes: 40 });
  expect(after(queued('a', 10), pending('a'), queued('a', 12)).openBytes).toBe(12);
});

test('failures of earlier runs are told from those of this one', () => {
  expect(after(failed('a', { earlier: true }), queued('b'), failed('b'))).toMatchObject({
    failed: 2,
    failedEarlier: 1,
  });
});

test('a failure of an earlier run that was tried again is one of this run, or none', () => {
  const earlier = failed('a', { earlier: true });
  expect(after(earlier, queued('a'), failed('a'))).toMatchObject({ failed: 1, failedEarlier: 0 });
  expect(after(earlier, queued('a'), succeeded('a'), failed('b'))).toMatchObject({ failed: 1, failedEarlier: 0 });
  expect(after(earlier, earlier)).toMatchObject({ failed: 1, failedEarlier: 1 });
});

test('tokens from a cache are summed up if an attempt reports them', () => {
  const events = [finished('a', 1, { cachedTokens: 80 }), finished('a', null, { cachedTokens: 20 }), finished('b')];
  expect(after(...events).cachedTokens).toBe(100);
});

const awaiting = (id: string, recipe: string): PipelineEvent => ({
  type: 'document-pending',
  id,
  reason: `The recipe ${recipe} cannot be used: temprature is not known.`,
  dueAt: null,
  cause: 'recipe',
});

test('recipes that cannot be used are told while a document waits for them, or until a reload', () => {
  const reload: PipelineEvent = { type: 'run-stopping', reason: 'reload', signal: null, graceSeconds: 60 };
  const both = [barred('a'), awaiting('1', 'a'), awaiting('2', 'a'), barred('b'), awaiting('3', 'b')];
  const [a, b] = ['a', 'b'].map((name) => `The recipe ${name} cannot be used: temprature is not known.`);
  expect(after(...both, queued('2')).barredRecipes).toEqual({ a, b });
  expect(after(...both, queued('1'), succeeded('1'), queued('2')).barredRecipes).toEqual({ b });
  expect(after(...both, queued('1'), gone('2'), awaiting('1', 'a')).barredRecipes).toEqual({ a, b });
  expect(after(...both, reload).barredRecipes).toEqual({});
});

describe('where documents are', () => {
  const retried = [queued('a'), started('a'), finished('a', 2)];
  const answered = [queued('a'), started('a'), finished('a'), succeeded('a')];

  test.each<[string, PipelineEvent[], Partial<Tally>]>([
    ['queued', [queued('a')], { queued: 1 }],
    ['sent', [queued('a'), started('a')], { running: 1 }],
    ['waiting for its next attempt', retried, { waiting: 1 }],
    ['sent again', [...retried, started('a', 2)], { running: 1 }],
    ['being filed', [queued('a'), started('a'), finished('a')], { filing: 1 }],
    ['answered', answered, { succeeded: 1 }],
    ['waiting for its twin', [queued('a'), waiting('a')], { waiting: 1 }],
    ['reused', [queued('a'), waiting('a'), reused('a', 'b')], { reused: 1 }],
    ['asked because its twin failed', [queued('a'), waiting('a'), started('a')], { running: 1 }],
    ['restored, twice', [queued('a'), reused('a'), queued('a'), reused('a')], { reused: 2 }],
    ['departed', [...answered, departed('a')], { succeeded: 1 }],
    ['held', [queued('a'), started('a'), finished('a'), held('a')], { held: 1 }],
    ['held earlier, reported twice', [held('a', true), held('a', true)], { held: 1 }],
    ['held, then tried again', [held('a', true), queued('a'), started('a', 2)], { running: 1 }],
    ['found interrupted', [interrupted('a')], {}],
    ['found interrupted, then sent', [interrupted('a'), queued('a'), started('a', 2)], { running: 1 }],
    ['failed', [queued('a'), started('a'), finished('a'), failed('a')], { failed: 1 }],
    ['failed without a call', [queued('a'), failed('a')], { failed: 1 }],
    ['failed while it waited', [...retried, failed('a')], { failed: 1 }],
    ['failed earlier', [failed('a', { earlier: true })], { failed: 1 }],
    ['failed earlier, reported twice', [failed('a', { earlier: true }), failed('a', { earlier: true })], { failed: 1 }],
    ['failed, then tried again', [queued('a'), failed('a'), queued('a')], { queued: 1 }],
    ['failed, then taken back', [queued('a'), failed('a'), reopened('a')], { pending: 1 }],
    ['taken back, then answered', [queued('a'), failed('a'), reopened('a'), ...answered], { succeeded: 1 }],
    ['skipped', [skipped('a')], { skipped: 1 }],
    ['queued, then skipped', [queued('a'), skipped('a')], { skipped: 1 }],
    ['too young', [pending('a')], { pending: 1 }],
    ['parked while it waited', [...retried, pending('a')], { pending: 1 }],
    ['parked twice', [queued('a'), pending('a'), queued('a'), pending('a')], { pending: 1 }],
    ['left for its budget', [queued('a'), overBudget('a')], { overBudget: 1 }],
    ['back from being left', [queued('a'), overBudget('a'), queued('a'), started('a')], { running: 1 }],
    ['noted', [noted('a')], {}],
    ['noted while it is asked', [queued('a'), started('a'), noted('a')], { running: 1 }],
    ['going on with a further request', [queued('a'), started('a'), finished('a', 0)], { waiting: 1 }],
    ['back from being parked', [queued('a'), pending('a'), queued('a'), started('a', 2)], { running: 1 }],
    ['gone', [queued('a'), gone('a')], { gone: 1 }],
    ['gone while it was parked', [queued('a'), pending('a'), gone('a')], { gone: 1 }],
    ['answered, changed, answered', [...answered, ...answered], { succeeded: 2 }],
  ])('%s', (_, events, expected) => {
    expect(phases(...events)).toEqual(expected);
  });

  test('documents do not disturb each other', () => {
    expect(phases(queued('a'), queued('b'), started('b'), queued('c'), started('a'), finished('b', 1))).toEqual({
      queued: 1,
      running: 1,
      waiting: 1,
    });
  });

  test('only what this run did counts as worked', () => {
    const tally = after(
      skipped('a'),
      failed('b', { earlier: true }),
      queued('c'),
      failed('c'),
      queued('d'),
      succeeded('d'),
      held('e', true),
      held('f'),
      reused('g'),
    );
    expect(tally).toMatchObject({ worked: 4, failed: 2, skipped: 1, succeeded: 1, held: 2, reused: 1 });
  });

  test('stale documents count as skipped too', () => {
    expect(after(skipped('a'), skipped('b', true))).toMatchObject({ skipped: 2, stale: 1 });
  });
});

describe('attempts and money', () => {
  test('attempts, retries, tokens and cost are summed', () => {
    const tally = after(started('a'), finished('a', 2, { costUsd: 0.25 }), started('a', 2), finished('a'));
    expect(tally).toMatchObject({
      attempts: 2,
      retries: 1,
      promptTokens: 200,
      completionTokens: 20,
      costUsd: 0.75,
      costUnknownAttempts: 0,
      inDoubt: 0,
    });
  });

  test.each([
    ['none', null, { inDoubt: 0, costUnknownAttempts: 0, costUsd: 0 }],
    ['known', 0.5, { inDoubt: 0, costUnknownAttempts: 0, costUsd: 0.5 }],
    ['known', null, { inDoubt: 0, costUnknownAttempts: 1, costUsd: 0 }],
    ['in doubt', null, { inDoubt: 1, costUnknownAttempts: 1, costUsd: 0 }],
    ['in doubt', 0.5, { inDoubt: 1, costUnknownAttempts: 0, costUsd: 0.5 }],
  ] as const)('billing %s with cost %j', (billing, costUsd, expected) => {
    const reported = { billing, costUsd, promptTokens: null, completionTokens: null };
    expect(after(finished('a', null, reported))).toMatchObject({ ...expected, promptTokens: 0, completionTokens: 0 });
  });

  test('calls are counted by who says what they cost, without those that nobody bills', () => {
    const list = { costFrom: 'list 2026-09-23' } as const;
    const unknown = { costUsd: null, costFrom: null };
    const free = { ...unknown, billing: 'none' } as const;
    const { costFrom } = after(...[{}, list, unknown, free, list].map((attempt) => finished('a', null, attempt)));
    expect(costFrom).toEqual({ told: 1, 'list 2026-09-23': 2, unknown: 1 });
  });
});

test('the first reasons for which documents wait are kept, but for that of all that the run did not come to', () => {
  const reasons = ['one', RUN_ENDED, 'one', 'two', 'three', 'four'];
  const events = reasons.map((reason): PipelineEvent => ({ type: 'document-pending', id: 'a', reason, dueAt: null }));
  expect(after(...events, eventOf.overBudget('b')).pendingReasons).toEqual(['one', 'two', 'three']);
});

const inPart = (id: string, leftOut: LeftOut) => ({ type: 'document-read-in-part', id, leftOut }) as const;

test('what was left out of documents is summed up by kind', () => {
  const tally = after(inPart('a', { chart: 2 }), inPart('b', { chart: 1, picture: 4 }), inPart('c', { picture: 1 }));
  expect(tally.leftOut).toEqual({ documents: 3, kinds: { chart: 3, picture: 5 } });
  expect(after().leftOut).toEqual({ documents: 0, kinds: {} });
});

test('calls of a process that died do not count as calls of this run', () => {
  expect(after(interrupted('a'), interrupted('b'))).toEqual({ ...emptyTally, inDoubtBefore: 2 });
});

const limited = (calls: number): PipelineEvent => ({ type: 'gate-limited', model: 'm', calls, reason: 'found' });
const paced = (callsPerMinute: number | null): PipelineEvent => ({ type: 'gate-paced', model: 'm', callsPerMinute });
const cooling = (seconds: number): PipelineEvent => ({
  type: 'gate-cooling',
  model: 'm',
  seconds,
  reason: `${seconds}`,
});

const stopping = (reason: Stopping['reason']): Stopping => ({
  type: 'run-stopping',
  reason,
  signal: null,
  graceSeconds: 60,
});

describe('the run and its gate', () => {
  const scan = { type: 'scan-finished', initial: true, documents: 1, settling: 0, seconds: 1 } as const;

  test('what is ignored is as of the last scan', () => {
    const tally = after({ ...scan, ignored: { links: 2, dotfiles: 1 } }, { ...scan, ignored: { links: 1 } });
    expect(tally).toMatchObject({ listed: true, ignored: { links: 1 } });
    expect(tally.ignored).not.toHaveProperty('dotfiles');
  });

  test('fields that an API does not take are kept as they are found', () => {
    const dropped = { api: 'https://api', model: 'm' };
    const note: PipelineEvent = { type: 'run-noted', level: 'info', message: 'a note' };
    const one = { ...dropped, field: 'reasoning' };
    const other = { ...dropped, field: 'stream' };
    const third = { ...dropped, field: 'plugins' };
    const tally = after(note, { ...note, dropped: [one, other] }, { ...note, dropped: [third] });
    expect(tally.dropped).toEqual([one, other, third]);
  });

  test('each pause ends by itself', () => {
    const account: PipelineEvent = { type: 'gate-paused', scope: 'account', reason: 'key refused' };
    const disk: PipelineEvent = { type: 'gate-paused', scope: 'disk', reason: 'disk full' };
    expect(after(account, disk).paused).toEqual({
      account: { reason: 'key refused' },
      disk: { reason: 'disk full' },
    });
    expect(after(account, disk, { type: 'gate-resumed', scope: 'account' }).paused).toEqual({
      disk: { reason: 'disk full' },
    });
  });

  test('of two cooldowns the one that ends last is kept', () => {
    expect(after(cooling(30), cooling(5)).cooling).toEqual({ untilMs: 30_000, reason: '30' });
  });

  test.each<[Stopping['reason'][], Stopping['reason']]>([
    [['account', 'signal'], 'account'],
    [['signal', 'account'], 'signal'],
    [['reload', 'signal'], 'signal'],
    [['signal', 'reload'], 'signal'],
  ])('of the reasons to stop %j, %s stays', (reasons, expected) => {
    expect(after(...reasons.map(stopping)).stopping?.reason).toBe(expected);
  });

  test('what the gate found stays until it reports something else', () => {
    const storm: PipelineEvent = { type: 'gate-probing', model: 'm', reason: '30 of 50 failed' };
    const found = after(limited(8), limited(12), paced(120), storm);
    expect(found).toMatchObject({ limited: { m: 12 }, paced: { m: 120 }, probing: { m: '30 of 50 failed' } });
    const over = after(limited(12), paced(120), storm, paced(null), { type: 'gate-recovered', model: 'm' });
    expect(over).toMatchObject({ limited: { m: 12 }, paced: {}, probing: {} });
  });

  test('counts the attempts that ran into a limit, by their code, and no others', () => {
    const { limits } = after(
      eventOf.finished('a', 1, { code: 'rate-limited' }),
      eventOf.finished('a', 1, { code: 'rate-limited' }),
      eventOf.finished('b', 1, { code: 'too-many-at-once' }),
      eventOf.finished('b', 1, { code: 'server-error' }),
      eventOf.finished('b'),
    );
    expect(limits).toEqual({ 'rate-limited': 2, 'too-many-at-once': 1 });
  });

  test('after a reload the run goes on, with a gate of its own', () => {
    const paused: PipelineEvent = { type: 'gate-paused', scope: 'account', reason: 'key refused' };
    const tally = after(paused, cooling(30), stopping('reload'), { ...scan, ignored: {} });
    expect(tally).toMatchObject({ paused: {}, cooling: null, stopping: null });
  });

  test('a lost inbox is found again', () => {
    const lost: PipelineEvent = { type: 'inbox-lost', reason: 'unmounted' };
    expect(after(lost).inboxLost).toBe('unmounted');
    expect(after(lost, { type: 'inbox-found' }).inboxLost).toBeNull();
  });
});
