import { describe, expect, test } from '@jest/globals';
import { Budget, type BudgetSettings, type Reservation } from '../../src/gate/budget.ts';

const NOON = Date.UTC(2026, 4, 17, 12);
const MIDNIGHT = Date.UTC(2026, 4, 18);

function budgetOf(settings: Partial<BudgetSettings>): Budget {
  return new Budget({ limitUsd: 2, spentUsd: 0, perDay: false, wall: () => NOON, ...settings });
}

/** The most that fits now, to a billionth of a dollar; 0 if nothing does. */
function remainingUsd(budget: Budget): number {
  let [fits, tooMuch] = [0, Math.round(budget.limitUsd * 1e9) + 1];
  while (tooMuch - fits > 1) {
    const nanos = Math.floor((fits + tooMuch) / 2);
    if (budget.fits(nanos / 1e9) === 'now') fits = nanos;
    else tooMuch = nanos;
  }
  return fits / 1e9;
}

describe('Budget', () => {
  test('sets aside the most that calls in flight may cost, and spends what they did', () => {
    const budget = budgetOf({});
    const one = budget.reserve(0.97);
    const other = budget.reserve(0.97);
    expect([budget.reservedUsd, remainingUsd(budget), budget.fits(0.97)]).toEqual([1.94, 0.06, 'later']);
    one.charge(0.02);
    other.release();
    expect([budget.spentUsd, budget.reservedUsd, remainingUsd(budget)]).toEqual([0.02, 0, 1.98]);
    expect(budget.fits(0.97)).toBe('now');
  });

  test('takes a call that fits exactly', () => {
    const budget = budgetOf({ limitUsd: 0.3 });
    for (const usd of [0.1, 0.1]) budget.reserve(usd).charge(usd);
    expect(budget.fits(0.1)).toBe('now');
  });

  test('says never if a call would not fit even if those in flight cost nothing', () => {
    const budget = budgetOf({ spentUsd: 1.1 });
    expect(budget.fits(0.97)).toBe('never');
    budget.reserve(0.5);
    expect([budget.fits(0.9), budget.fits(0.4)]).toEqual(['later', 'now']);
  });

  test('looks up what was spent before when it is first needed, and once', () => {
    let looks = 0;
    const spentBefore = (): number => (looks += 1);
    const budget = budgetOf({ spentUsd: spentBefore });
    budget.reserve(0.5).charge(0.25);
    expect(looks).toBe(0);
    expect([budget.fits(0.5), budget.spentUsd, looks]).toEqual(['now', 1.25, 1]);
  });

  test('has forgotten what was spent before when it is refilled', () => {
    let now = NOON;
    const budget = budgetOf({ spentUsd: () => 1.5, perDay: true, wall: () => now });
    now = MIDNIGHT;
    expect(budget.spentUsd).toBe(0);
  });

  test('goes by the limit that a call names', () => {
    const budget = budgetOf({ limitUsd: Number.POSITIVE_INFINITY, spentUsd: 1 });
    expect([budget.fits(1000), budget.fits(1, 2), budget.fits(1.01, 2)]).toEqual(['now', 'now', 'never']);
  });

  test('counts the first end of a reservation alone', () => {
    const budget = budgetOf({});
    const charged = budget.reserve(0.5);
    charged.charge(0.1);
    charged.charge(0.1);
    charged.release();
    const released = budget.reserve(0.5);
    released.release();
    released.charge(0.3);
    expect([budget.spentUsd, budget.reservedUsd]).toEqual([0.1, 0]);
  });

  test('has nothing left, and not less, if more was spent than allowed', () => {
    const budget = budgetOf({});
    budget.reserve(1).charge(2.5);
    expect([budget.spentUsd, remainingUsd(budget)]).toEqual([2.5, 0]);
    expect(budget.fits(0)).toBe('never');
  });

  test('adds up many small costs without an error', () => {
    const budget = budgetOf({ limitUsd: 100 });
    for (let count = 0; count < 100_000; count += 1) budget.reserve(0.01).charge(0.000_1);
    expect([budget.spentUsd, budget.reservedUsd, remainingUsd(budget)]).toEqual([10, 0, 90]);
  });

  test('never goes above its limit, whatever calls cost and in whatever order they end', () => {
    const budget = budgetOf({ limitUsd: 1 });
    const inFlight: Reservation[] = [];
    let refusals = 0;
    for (let step = 1; step < 5000; step += 1) {
      const worst = ((step * 7919) % 1000) / 10_000;
      if (budget.fits(worst) === 'now') inFlight.push(budget.reserve(worst));
      else refusals += 1;
      if (step % 3 !== 0) continue;
      const [ended] = inFlight.splice((step * 31) % inFlight.length, 1);
      ended?.charge(ended.worstUsd * ((step % 5) / 4));
      expect(budget.spentUsd + budget.reservedUsd).toBeLessThanOrEqual(1);
    }
    expect(refusals).toBeGreaterThan(1000);
    expect(budget.spentUsd).toBeGreaterThan(0.99);
  });
});

describe('a budget per day', () => {
  test('is refilled at the next midnight, UTC', () => {
    let now = NOON;
    const budget = budgetOf({ perDay: true, spentUsd: 1.9, wall: () => now });
    expect([budget.refilledAt, budget.fits(0.5)]).toEqual([MIDNIGHT, 'never']);
    now = MIDNIGHT - 1;
    expect(budget.fits(0.5)).toBe('never');
    now = MIDNIGHT;
    expect([budget.fits(0.5), budget.spentUsd, remainingUsd(budget)]).toEqual(['now', 0, 2]);
    expect(budget.refilledAt).toBe(Date.UTC(2026, 4, 19));
  });

  test('counts for the new day what was in flight when the old one ended', () => {
    let now = NOON;
    const budget = budgetOf({ perDay: true, wall: () => now });
    const overnight = budget.reserve(0.9);
    now = MIDNIGHT + 1000;
    expect([budget.spentUsd, remainingUsd(budget)]).toEqual([0, 1.1]);
    overnight.charge(0.3);
    expect(budget.spentUsd).toBe(0.3);
  });

  test('is refilled after days without a call', () => {
    let now = NOON;
    const budget = budgetOf({ perDay: true, spentUsd: 2, wall: () => now });
    now = Date.UTC(2026, 4, 25, 3);
    expect([remainingUsd(budget), budget.refilledAt]).toEqual([2, Date.UTC(2026, 4, 26)]);
  });

  test('is none if it is for the run', () => {
    let now = NOON;
    const budget = budgetOf({ spentUsd: 2, wall: () => now });
    now = Date.UTC(2027, 0, 1);
    expect([budget.refilledAt, remainingUsd(budget)]).toEqual([null, 0]);
  });
});
