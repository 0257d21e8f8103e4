import { describe, expect, test } from '@jest/globals';
import { from, lastValueFrom, toArray } from 'rxjs';
import type { PipelineEvent } from '../../src/domain/events.ts';
import { tell } from '../../src/report/reduce-tally.ts';
import { emptyTally, type Stopping, type Tally } from '../../src/report/tally.ts';
import { tellOf, virtualClock } from './support.ts';

const { queued, skipped, waiting, started, finished, interrupted, succeeded, reused, departed, held } = tellOf;
const { failed, reopened, pending, overBudget, noted, barred, gone } = tellOf;

async function after(...events: PipelineEvent[]): Promise<Tally> {
  const told = await lastValueFrom(from(events).pipe(tell(virtualClock()), toArray()));
  return told.at(-1)?.tally ?? emptyTally;
}

/** The phases that hold documents, and how many. */
async function phases(...events: PipelineEvent[]): Promise<Partial<Tally>> {
  const tally = await after(...events);
  const names = [
    'queued',
    'running',
    'filing',
    'waiting',
    'pending',
    'overBudget',
    'held',
    'failed',
    'succeeded',
    'reused',
    'skipped',
    'gone',
  ] as const;
  return Object.fromEntries(names.filter((name) => tally[name] !== 0).map((name) => [name, tally[name]]));
}

test('a further request of a document is a call, and no retry', async () => {
  const further: PipelineEvent = { type: 'attempt-started', id: 'a', number: 2, repeated: false };
  const continued = finished('a', 0, { code: 'continued' });
  const tally = await after(queued('a'), started('a'), continued, further, finished('a'), succeeded('a'));
  expect(tally).toMatchObject({ attempts: 2, retries: 0, costUsd: 1, promptTokens: 200, succeeded: 1, worked: 1 });
});

test('tokens from a cache are summed up where they are told', async () => {
  const events = [finished('a', 1, { cachedTokens: 80 }), finished('a', null, { cachedTokens: 20 }), finished('b')];
  expect((await after(...events)).cachedTokens).toBe(100);
});

test('recipes that cannot be used are remembered until a reload', async () => {
  const reload: PipelineEvent = { type: 'run-stopping', reason: 'reload', signal: null, graceSeconds: 60 };
  expect((await after(barred('a'), barred('b'), barred('a'))).barredRecipes).toEqual({
    a: 'The recipe a cannot be used: temprature is not known.',
    b: 'The recipe b cannot be used: temprature is not known.',
  });
  expect((await after(barred('a'), reload)).barredRecipes).toEqual({});
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
    ['held earlier, told twice', [held('a', true), held('a', true)], { held: 1 }],
    ['held, then tried again', [held('a', true), queued('a'), started('a', 2)], { running: 1 }],
    ['found interrupted', [interrupted('a')], {}],
    ['found interrupted, then sent', [interrupted('a'), queued('a'), started('a', 2)], { running: 1 }],
    ['failed', [queued('a'), started('a'), finished('a'), failed('a')], { failed: 1 }],
    ['failed without a call', [queued('a'), failed('a')], { failed: 1 }],
    ['failed while it waited', [...retried, failed('a')], { failed: 1 }],
    ['failed earlier', [failed('a', { earlier: true })], { failed: 1 }],
    ['failed earlier, told twice', [failed('a', { earlier: true }), failed('a', { earlier: true })], { failed: 1 }],
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
  ])('%s', async (_, events, expected) => {
    expect(await phases(...events)).toEqual(expected);
  });

  test('documents do not disturb each other', async () => {
    expect(await phases(queued('a'), queued('b'), started('b'), queued('c'), started('a'), finished('b', 1))).toEqual({
      queued: 1,
      running: 1,
      waiting: 1,
    });
  });

  test('only what this run did counts as worked', async () => {
    const tally = await after(
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

  test('what was skipped as stale is counted among what was skipped', async () => {
    expect(await after(skipped('a'), skipped('b', true))).toMatchObject({ skipped: 2, stale: 1 });
  });
});

describe('attempts and money', () => {
  test('attempts, retries, tokens and cost are summed', async () => {
    const tally = await after(started('a'), finished('a', 2, { costUsd: 0.25 }), started('a', 2), finished('a'));
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
  ] as const)('billing %s with cost %j', async (billing, costUsd, expected) => {
    const told = { billing, costUsd, promptTokens: null, completionTokens: null };
    expect(await after(finished('a', null, told))).toMatchObject({ ...expected, promptTokens: 0, completionTokens: 0 });
  });
});

test('calls of a process that died are none of this run', async () => {
  expect(await after(interrupted('a'), interrupted('b'))).toEqual({ ...emptyTally, inDoubtBefore: 2 });
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

describe('the surroundings', () => {
  const scan = { type: 'scan-finished', initial: true, documents: 1, settling: 0, seconds: 1 } as const;

  test('what is ignored is as of the last scan', async () => {
    const tally = await after({ ...scan, ignored: { links: 2, dotfiles: 1 } }, { ...scan, ignored: { links: 1 } });
    expect(tally).toMatchObject({ listed: true, ignored: { links: 1 } });
    expect(tally.ignored).not.toHaveProperty('dotfiles');
  });

  test('each pause ends by itself', async () => {
    const account: PipelineEvent = { type: 'gate-paused', scope: 'account', reason: 'key refused' };
    const disk: PipelineEvent = { type: 'gate-paused', scope: 'disk', reason: 'disk full' };
    expect((await after(account, disk)).paused).toEqual({
      account: { reason: 'key refused' },
      disk: { reason: 'disk full' },
    });
    expect((await after(account, disk, { type: 'gate-resumed', scope: 'account' })).paused).toEqual({
      disk: { reason: 'disk full' },
    });
  });

  test('the cooldown that ends last is told', async () => {
    expect((await after(cooling(30), cooling(5))).cooling).toEqual({ untilMs: 30_000, reason: '30' });
  });

  test.each<[Stopping['reason'][], Stopping['reason']]>([
    [['account', 'signal'], 'account'],
    [['signal', 'account'], 'signal'],
    [['reload', 'signal'], 'signal'],
    [['signal', 'reload'], 'signal'],
  ])('of the reasons to stop %j, %s stands', async (reasons, expected) => {
    expect((await after(...reasons.map(stopping))).stopping?.reason).toBe(expected);
  });

  test('what the gate found out stands until it tells otherwise', async () => {
    const storm: PipelineEvent = { type: 'gate-probing', model: 'm', reason: '30 of 50 failed' };
    const found = await after(limited(8), limited(12), paced(120), storm);
    expect(found).toMatchObject({ limited: { m: 12 }, paced: { m: 120 }, probing: { m: '30 of 50 failed' } });
    const over = await after(limited(12), paced(120), storm, paced(null), { type: 'gate-recovered', model: 'm' });
    expect(over).toMatchObject({ limited: { m: 12 }, paced: {}, probing: {} });
  });

  test('counts the attempts that ran into a limit, by their code, and no others', async () => {
    const { limits } = await after(
      tellOf.finished('a', 1, { code: 'rate-limited' }),
      tellOf.finished('a', 1, { code: 'rate-limited' }),
      tellOf.finished('b', 1, { code: 'too-many-at-once' }),
      tellOf.finished('b', 1, { code: 'server-error' }),
      tellOf.finished('b'),
    );
    expect(limits).toEqual({ 'rate-limited': 2, 'too-many-at-once': 1 });
  });

  test('after a reload the run goes on, with a gate of its own', async () => {
    const paused: PipelineEvent = { type: 'gate-paused', scope: 'account', reason: 'key refused' };
    const tally = await after(paused, cooling(30), stopping('reload'), { ...scan, ignored: {} });
    expect(tally).toMatchObject({ paused: {}, cooling: null, stopping: null });
  });

  test('a lost inbox is found again', async () => {
    const lost: PipelineEvent = { type: 'inbox-lost', reason: 'unmounted' };
    expect((await after(lost)).inboxLost).toBe('unmounted');
    expect((await after(lost, { type: 'inbox-found' })).inboxLost).toBeNull();
  });
});
