import { expect, test } from '@jest/globals';
import { map, timer } from 'rxjs';
import type { InboxEvent, PipelineEvent } from '../../src/domain/events.ts';
import type { Recipe } from '../../src/domain/recipe.ts';
import { Budget } from '../../src/gate/budget.ts';
import { promiseTime } from '../support/virtual-time.ts';
import { recipe, runningPipeline, seen } from './in-memory.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Of all its calls; each may cost half of one. */
const SPENT_USD = 0.9;

interface Scenario {
  readonly daemon: boolean;
  /** The limit of the recipe from an hour after the start on, USD. @default as before: 1 */
  readonly editedUsd?: number;
  readonly untilMs: number;
}

function withLimit(maxCostUsd: number): Recipe {
  return { ...recipe, name: 'poor', handling: { ...recipe.handling, maxCostUsd } };
}

/** A run whose scans show document `a` every minute, and whose recipe has no money for it at the start. */
async function outcomeOf({ daemon, editedUsd = 1, untilMs }: Scenario) {
  const time = promiseTime();
  const { clock } = time;
  const events: PipelineEvent[] = [];
  let reads = 0;
  const budgetFor = (): Budget =>
    new Budget({ limitUsd: Number.POSITIVE_INFINITY, spentUsd: SPENT_USD, perDay: daemon, wall: () => clock.wall() });
  const running = runningPipeline(clock, {
    inbox: timer(0, 60_000, clock.scheduler).pipe(map((count): InboxEvent => seen('a', 1, count === 0))),
    concurrency: 1,
    budgetFor,
    settings: { waitsForParked: daemon },
    changes: ({ inbox }) => ({
      recipes: { choose: () => withLimit(clock.now() < HOUR_MS ? 1 : editedUsd) },
      prices: { of: () => ({ prompt: 0, completion: 0.005, request: 0 }) },
      inbox: {
        ...inbox,
        read: (document) => {
          reads += 1;
          return inbox.read(document);
        },
      },
    }),
  });
  running.events.subscribe((event) => void events.push(event));
  time.schedule(() => running.gate.close('signal'), untilMs);
  await time.play();
  const told = events.filter(({ type }) => type === 'document-pending' || type === 'document-succeeded');
  return { told, reads, record: running.ledger.recall('a') };
}

const parked = {
  type: 'document-pending',
  id: 'a',
  reason: 'what may be spent with poor (max_cost) is spent',
  cause: 'budget',
};

test('a document whose recipe has no money left is read once, however often scans bring it', async () => {
  const { told, reads, record } = await outcomeOf({ daemon: true, untilMs: 20 * HOUR_MS });
  expect(told).toEqual([{ ...parked, dueAt: DAY_MS }]);
  expect(reads).toBe(1);
  // Another run may have money for it: nothing keeps that from asking.
  expect(record).toMatchObject({ state: 'pending', dueAt: null });
});

test('a document whose recipe has no money left is asked when there is some again', async () => {
  const { told, reads } = await outcomeOf({ daemon: true, untilMs: DAY_MS + 1000 });
  expect(told).toMatchObject([parked, { type: 'document-succeeded', id: 'a' }]);
  expect(reads).toBe(2);
});

test('a document whose recipe has no money left is asked when the recipe is given more', async () => {
  const { told, reads } = await outcomeOf({ daemon: true, editedUsd: 2, untilMs: 2 * HOUR_MS });
  expect(told).toMatchObject([parked, { type: 'document-succeeded', id: 'a' }]);
  expect(reads).toBe(2);
});

test('a document whose recipe has no money left is left to the next run by one that ends', async () => {
  const { told } = await outcomeOf({ daemon: false, untilMs: 1000 });
  expect(told).toEqual([{ ...parked, dueAt: null }]);
});
