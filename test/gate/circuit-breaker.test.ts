import { describe, expect, test } from '@jest/globals';
import { StormGuard } from '../../src/gate/circuit-breaker.ts';

const ANSWER = { answered: true, repeated: false };
const FAILURE = { answered: false, repeated: false };

/** A guard that was told these attempts, one every `everyMs`. */
function after(attempts: readonly { readonly answered: boolean; readonly repeated: boolean }[], everyMs = 100) {
  const guard = new StormGuard();
  for (const [index, attempt] of attempts.entries()) guard.ended(index * everyMs, attempt);
  return guard;
}

function times<T>(count: number, of: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => of(index));
}

/** From 0 to below 1, the same each time (Park and Miller). */
function draws(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

describe('failures among the last 50 attempts', () => {
  test('are a storm once they are more than half', () => {
    const half = times(50, (index) => (index % 2 === 0 ? FAILURE : ANSWER));
    expect(after(half).raging).toBe(false);
    expect(after([...half, FAILURE]).raging).toBe(false);
    const guard = after([...half, FAILURE, FAILURE]);
    expect([guard.raging, guard.reason]).toEqual([true, '26 of the last 50 calls failed']);
  });

  test.each([3, 10, 25])('are none where only %d were made in all', (count) => {
    expect(after(times(count, () => FAILURE)).raging).toBe(false);
  });

  test('are seen within 26 of a model that answers nothing more', () => {
    expect(after([...times(1000, () => ANSWER), ...times(26, () => FAILURE)]).raging).toBe(true);
  });

  test('are forgotten with the attempts that came after them', () => {
    const waves = times(20, () => [...times(20, () => FAILURE), ...times(40, () => ANSWER)]).flat();
    expect(after(waves).raging).toBe(false);
  });
});

describe('a storm', () => {
  const raging = times(26, () => FAILURE);

  test('ends when three calls in a row are answered', () => {
    expect(after([...raging, ANSWER, ANSWER]).raging).toBe(true);
    const guard = after([...raging, ANSWER, ANSWER, ANSWER]);
    expect([guard.raging, guard.reason]).toEqual([false, null]);
  });

  test('is not ended by single answers between failures', () => {
    const mixed = times(30, (index) => (index % 3 === 0 ? FAILURE : ANSWER));
    expect(after([...raging, ...mixed]).raging).toBe(true);
  });

  test('does not come back for what happened in the one before', () => {
    const calm = [...raging, ...times(3, () => ANSWER)];
    expect(after([...calm, ...times(25, () => FAILURE)]).raging).toBe(false);
    expect(after([...calm, ...times(26, () => FAILURE)]).raging).toBe(true);
  });
});

/** So many first attempts that are answered, each with a repeated one of another document. */
function pairs(count: number, repeatedIsAnswered: boolean) {
  return times(count, () => [ANSWER, { answered: repeatedIsAnswered, repeated: true }]).flat();
}

describe('repeated attempts within a minute', () => {
  test('are a storm where they pass 60 % of the first ones and as many fail', () => {
    const guard = after(pairs(120, false), 250);
    expect(guard.raging).toBe(true);
    expect(guard.reason).toMatch(/^\d+ of \d+ calls within a minute were repeated ones$/);
  });

  test('are none where they are answered: the trouble is over', () => {
    expect(after(pairs(120, true), 250).raging).toBe(false);
  });

  test('are none beside a handful of first ones', () => {
    expect(after(pairs(59, false), 250).raging).toBe(false);
  });

  test('are none where they are spread over a longer time', () => {
    expect(after(pairs(120, false), 1000).raging).toBe(false);
  });
});

test.each([1, 2, 3, 4, 5])('one failure in five, by chance, never is a storm (%d)', (seed) => {
  const draw = draws(seed);
  const guard = new StormGuard();
  let fresh = 0;
  let rages = 0;
  // 10,000 documents, 100 attempts a second; one that failed again after 0.5 s, 1 s, 2 s ...: its end has repeats alone.
  const waiting: { at: number; tries: number }[] = [];
  for (let now = 0; fresh < 10_000 || waiting.length > 0; now += 10) {
    const index = waiting.findIndex(({ at }) => at <= now);
    const [repeat] = index === -1 ? [] : waiting.splice(index, 1);
    if (repeat === undefined && fresh === 10_000) continue;
    if (repeat === undefined) fresh += 1;
    const tries = (repeat?.tries ?? 0) + 1;
    const answered = draw() >= 0.2;
    guard.ended(now, { answered, repeated: tries > 1 });
    if (guard.raging) rages += 1;
    if (!answered) waiting.push({ at: now + 500 * 2 ** (tries - 1), tries });
  }
  expect(rages).toBe(0);
});
