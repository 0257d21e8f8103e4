import { describe, expect, test } from '@jest/globals';
import { type PilotSettings, readPilot } from '../../../src/cli/plan/pilot.ts';
import type { Pilot } from '../../../src/cli/plan/plan.ts';
import type { AttemptRecord } from '../../../src/domain/attempt.ts';
import { attemptOf, doubtfulAttempt, failedAttempt, versionOf } from '../../support/filled-ledger.ts';
import { scenes } from '../scenes.ts';

describe('readPilot', () => {
  const scene = scenes();
  const pilotOf = (
    ids: readonly string[],
    settings: Partial<PilotSettings> = {},
    startedAt = '2026-03-31T10:00:00.000Z',
  ): Pilot => {
    const documents = ids.map((id) => versionOf(id, { size: 100 }).document);
    const run = { documents, startedAt, stopped: false };
    return scene.read((reader) => readPilot(reader, run, 10, { atOnce: 2, priceOf: () => null, ...settings }));
  };
  const answer = (id: string, fields: Partial<AttemptRecord> = {}) =>
    scene.filled.answer(versionOf(id, { size: 100 }), 'Yes.', [attemptOf(1, fields)]);

  test('projects the costs, tokens and seconds of its documents', async () => {
    await answer('a.txt', { costUsd: 0.1, seconds: 4 });
    await answer('b.txt', { costUsd: 0.1, seconds: 4 });
    await answer('c.txt', { costUsd: 0.1, seconds: 4 });
    expect(pilotOf(['a.txt', 'b.txt', 'c.txt'])).toEqual({
      documents: 3,
      succeeded: 3,
      failures: {},
      stopped: false,
      attempts: 3,
      costUsd: expect.closeTo(0.3),
      costUnknownAttempts: 0,
      estimate: {
        costUsd: { low: expect.closeTo(1), likely: expect.closeTo(1), high: expect.closeTo(1) },
        promptTokens: { low: 1000, likely: 1000, high: 1000 },
        completionTokens: { low: 200, likely: 200, high: 200 },
        // Two calls at once.
        seconds: { low: 20, likely: 20, high: 20 },
      },
    });
  });

  test('counts the cost of documents that failed', async () => {
    await answer('a.txt', { costUsd: 0.2 });
    await scene.filled.fail(versionOf('b.txt', { size: 100 }), 'length', [
      attemptOf(1, { costUsd: 0.4, verdict: 'fail' }),
    ]);
    const { estimate, ...pilot } = pilotOf(['a.txt', 'b.txt']);
    expect(pilot).toMatchObject({ succeeded: 1, failures: { length: 1 }, attempts: 2 });
    expect(pilot.costUsd).toBeCloseTo(0.6);
    expect(estimate?.costUsd?.likely).toBeCloseTo(3);
  });

  test('counts what is in doubt, and costs that are not known', async () => {
    await scene.filled.attempts(versionOf('a.txt', { size: 100 }), [doubtfulAttempt(1)]);
    const pilot = pilotOf(['a.txt', 'never-begun.txt']);
    expect(pilot).toMatchObject({ documents: 2, succeeded: 0, failures: {}, attempts: 1, costUnknownAttempts: 1 });
    expect([pilot.costUsd, pilot.estimate]).toEqual([null, null]);
  });

  test('leaves out attempts of earlier runs', async () => {
    const earlier = failedAttempt(1, { costUsd: 5, billing: 'known' });
    await scene.filled.answer(versionOf('a.txt', { size: 100 }), 'Yes.', [earlier, attemptOf(2, { costUsd: 0.5 })]);
    expect(pilotOf(['a.txt'], {}, '2026-03-31T10:00:02.000Z')).toMatchObject({ attempts: 1, costUsd: 0.5 });
  });

  test('documents that failed without an answer give no estimate, and no cost of 0', async () => {
    await scene.filled.fail(versionOf('a.txt', { size: 100 }), 'server-error');
    await scene.filled.fail(versionOf('b.txt', { size: 100 }), 'bad-request');
    await scene.filled.hold(versionOf('c.txt', { size: 100 }));
    expect(pilotOf(['a.txt', 'b.txt', 'c.txt'])).toMatchObject({
      succeeded: 0,
      failures: { 'server-error': 1, 'bad-request': 1, 'in-doubt': 1 },
      estimate: null,
    });
  });

  test('answers that were all cut give an estimate', async () => {
    await scene.filled.fail(versionOf('a.txt', { size: 100 }), 'length', [
      attemptOf(1, { costUsd: 0.4, verdict: 'fail' }),
    ]);
    expect(pilotOf(['a.txt'])).toMatchObject({
      succeeded: 0,
      failures: { length: 1 },
      estimate: { costUsd: { likely: 4 }, completionTokens: { likely: 200 } },
    });
  });

  test('what answers do not say is unknown, even if others failed at no cost', async () => {
    await answer('a.txt', { costUsd: null, promptTokens: null, completionTokens: null, seconds: 4 });
    await scene.filled.fail(versionOf('b.txt', { size: 100 }));
    expect(pilotOf(['a.txt', 'b.txt']).estimate).toEqual({
      costUsd: null,
      promptTokens: null,
      completionTokens: null,
      seconds: { low: null, likely: expect.closeTo(11.25), high: null },
    });
  });

  test('answers that do not say their cost are left out if others do', async () => {
    await answer('a.txt', { costUsd: null });
    await answer('b.txt', { costUsd: 0.1 });
    expect(pilotOf(['a.txt', 'b.txt']).estimate?.costUsd?.likely).toBeCloseTo(1);
  });

  test('a cost that the API does not say follows from tokens and price', async () => {
    await answer('a.txt', { costUsd: null });
    const price = { prompt: 0.001, completion: 0.01, request: 0.1 };
    const prices = new Map([['acme/small', price]]);
    const priceOf = (model: string) => prices.get(model) ?? null;
    expect(pilotOf(['a.txt'], { priceOf }).estimate?.costUsd?.likely).toBeCloseTo(10 * (0.1 + 0.2 + 0.1));
  });

  test('documents that were stopped halfway do not make the others look cheap', async () => {
    await answer('a.txt', { costUsd: 0.2 });
    await scene.filled.attempts(versionOf('b.txt', { size: 100 }), [failedAttempt(1)]);
    const { documents, estimate } = pilotOf(['a.txt', 'b.txt', 'never-begun.txt']);
    expect([documents, estimate?.costUsd?.likely]).toEqual([3, 2]);
  });

  test('nor do documents that failed before they were sent', async () => {
    await answer('a.txt', { costUsd: 0.2 });
    await scene.filled.fail(versionOf('b.txt', { size: 100 }), 'over-budget', []);
    expect(pilotOf(['a.txt', 'b.txt'])).toMatchObject({
      failures: { 'over-budget': 1 },
      estimate: { costUsd: { likely: 2 } },
    });
  });

  test('knows no time with --concurrency auto', async () => {
    await answer('a.txt');
    expect(pilotOf(['a.txt'], { atOnce: null }).estimate?.seconds).toBeNull();
  });
});
