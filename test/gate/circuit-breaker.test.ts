import { describe, expect, test } from '@jest/globals';
import { CircuitBreaker } from '../../src/gate/circuit-breaker.ts';

const ANSWER = { answered: true, repeated: false };
const FAILURE = { answered: false, repeated: false };

/** A breaker that counted these attempts, one every `everyMs`. */
function after(attempts: readonly { readonly answered: boolean; readonly repeated: boolean }[], everyMs = 100) {
  const breaker = new CircuitBreaker();
  for (const [index, attempt] of attempts.entries()) breaker.ended(index * everyMs, attempt);
  return breaker;
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
  test('open it once they are more than half', () => {
    const half = times(50, (index) => (index % 2 === 0 ? FAILURE : ANSWER));
    expect(after(half).isOpen).toBe(false);
    expect(after([...half, FAILURE]).isOpen).toBe(false);
    const breaker = after([...half, FAILURE, FAILURE]);
    expect([breaker.isOpen, breaker.reason]).toEqual([true, '26 of the last 50 calls failed']);
  });

  test.each([3, 10, 25])('leave it closed if only %d were made in all', (count) => {
    expect(after(times(count, () => FAILURE)).isOpen).toBe(false);
  });

  test('open it within 26 of a model that answers nothing more', () => {
    expect(after([...times(1000, () => ANSWER), ...times(26, () => FAILURE)]).isOpen).toBe(true);
  });

  test('are forgotten with the attempts that came after them', () => {
    const waves = times(20, () => [...times(20, () => FAILURE), ...times(40, () => ANSWER)]).flat();
    expect(after(waves).isOpen).toBe(false);
  });
});

describe('an open circuit breaker', () => {
  const failures = times(26, () => FAILURE);

  test('closes when three calls in a row are answered', () => {
    expect(after([...failures, ANSWER, ANSWER]).isOpen).toBe(true);
    const breaker = after([...failures, ANSWER, ANSWER, ANSWER]);
    expect([breaker.isOpen, breaker.reason]).toEqual([false, null]);
  });

  test('is not closed by single answers between failures', () => {
    const mixed = times(30, (index) => (index % 3 === 0 ? FAILURE : ANSWER));
    expect(after([...failures, ...mixed]).isOpen).toBe(true);
  });

  test('does not open again for what happened before it closed', () => {
    const closed = [...failures, ...times(3, () => ANSWER)];
    expect(after([...closed, ...times(25, () => FAILURE)]).isOpen).toBe(false);
    expect(after([...closed, ...times(26, () => FAILURE)]).isOpen).toBe(true);
  });
});

/** So many first attempts that are answered, each with a repeated one of another document. */
function pairs(count: number, repeatedIsAnswered: boolean) {
  return times(count, () => [ANSWER, { answered: repeatedIsAnswered, repeated: true }]).flat();
}

describe('repeated attempts within a minute', () => {
  test('open it if they pass 60 % of the first ones and as many fail', () => {
    const breaker = after(pairs(120, false), 250);
    expect(breaker.isOpen).toBe(true);
    expect(breaker.reason).toMatch(/^\d+ of \d+ calls within a minute were repeated ones$/);
  });

  test('do not open it again for what happened before it closed', () => {
    const failed = { answered: false, repeated: true };
    const opened = [...pairs(120, false), failed, ...times(3, () => ANSWER)];
    expect(after(opened, 250).isOpen).toBe(false);
    expect(after([...opened, failed, failed], 250).isOpen).toBe(false);
  });

  test('leave it closed if they are answered: the failures are over', () => {
    expect(after(pairs(120, true), 250).isOpen).toBe(false);
  });

  test('leave it closed beside a handful of first ones', () => {
    expect(after(pairs(59, false), 250).isOpen).toBe(false);
  });

  test('leave it closed if they are spread over a longer time', () => {
    expect(after(pairs(120, false), 1000).isOpen).toBe(false);
  });
});

test.each([1, 2, 3, 4, 5])('one failure in five, by chance, never opens it (%d)', (seed) => {
  const draw = draws(seed);
  const breaker = new CircuitBreaker();
  let fresh = 0;
  let open = 0;
  // 10,000 documents, 100 attempts a second; one that failed again after 0.5 s, 1 s, 2 s ...: its end has repeats alone.
  const waiting: { at: number; tries: number }[] = [];
  for (let now = 0; fresh < 10_000 || waiting.length > 0; now += 10) {
    const index = waiting.findIndex(({ at }) => at <= now);
    const [repeat] = index === -1 ? [] : waiting.splice(index, 1);
    if (repeat === undefined && fresh === 10_000) continue;
    if (repeat === undefined) fresh += 1;
    const tries = (repeat?.tries ?? 0) + 1;
    const answered = draw() >= 0.2;
    breaker.ended(now, { answered, repeated: tries > 1 });
    if (breaker.isOpen) open += 1;
    if (!answered) waiting.push({ at: now + 500 * 2 ** (tries - 1), tries });
  }
  expect(open).toBe(0);
});

describe('an outage', () => {
  test('opens it at once, and the first answer closes it', () => {
    const breaker = new CircuitBreaker();
    breaker.ended(0, FAILURE);
    breaker.openForOutage('no call comes through');
    expect([breaker.isOpen, breaker.reason]).toEqual([true, 'no call comes through']);
    breaker.ended(1, FAILURE);
    expect(breaker.isOpen).toBe(true);
    breaker.ended(2, ANSWER);
    expect(breaker.isOpen).toBe(false);
  });

  test('leaves one open that was open for other failures', () => {
    const breaker = after(times(26, () => FAILURE));
    breaker.openForOutage('no call comes through');
    breaker.ended(3000, ANSWER);
    expect(breaker.reason).toBe('26 of the last 50 calls failed');
  });
});
