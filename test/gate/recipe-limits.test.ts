import { describe, expect, test } from '@jest/globals';
import type { AttemptRecord } from '../../src/domain/attempt.ts';
import type { Ticket } from '../../src/domain/ports.ts';
import { Budget } from '../../src/gate/budget.ts';
import { type RecipeGuest, type RecipeLimit, RecipeLimits } from '../../src/gate/recipe-limits.ts';
import { fresh, recordOf, withGate } from './with-gate.ts';

const MINUTE_MS = 60_000;

/** Documents of recipes, each inside until it leaves. */
class Documents {
  now = 0;
  readonly inside: string[] = [];
  readonly gone: string[] = [];
  readonly limits: RecipeLimits;
  readonly #guests = new Map<string, { readonly guest: RecipeGuest; readonly limit: RecipeLimit }>();

  constructor(perDay = false, spentUsd = 0) {
    this.limits = new RecipeLimits(
      () => new Budget({ limitUsd: Number.POSITIVE_INFINITY, spentUsd, perDay, wall: () => this.now }),
      () => this.now,
    );
  }

  come(name: string, changes: Partial<Ticket>): void {
    const ticket = { ...fresh, ...changes };
    const limit = this.limits.of(ticket);
    const guest: RecipeGuest = {
      ticket,
      recipeMoney: null,
      grant: () => this.inside.push(name),
      refuse: () => this.gone.push(name),
    };
    this.#guests.set(name, { guest, limit });
    limit.enter(guest);
  }

  leave(name: string): void {
    const { guest, limit } = this.#known(name);
    this.inside.splice(this.inside.indexOf(name), 1);
    limit.leave(guest);
  }

  reserve(name: string, worstUsd: number | null): unknown {
    const { guest, limit } = this.#known(name);
    return limit.reserve(guest, worstUsd);
  }

  charge(name: string, record: Partial<AttemptRecord>): void {
    const { guest, limit } = this.#known(name);
    limit.charge(guest, this.now, recordOf(record));
  }

  #known(name: string): { readonly guest: RecipeGuest; readonly limit: RecipeLimit } {
    const known = this.#guests.get(name);
    if (known === undefined) throw new Error(`no document ${name}`);
    return known;
  }
}

describe('RecipeLimits', () => {
  test('holds up no document whose recipe has no limits of its own', () => {
    const documents = new Documents();
    for (const name of ['a', 'b', 'c']) documents.come(name, {});
    expect(documents.inside).toEqual(['a', 'b', 'c']);
    expect(documents.reserve('a', 1000)).toEqual({ kind: 'reserved' });
  });

  test('lets no more documents of a recipe in than it says, and others beside them', () => {
    const documents = new Documents();
    for (const name of ['a', 'b', 'c', 'd']) documents.come(name, { recipe: 'slow', recipeCalls: 2 });
    documents.come('other', { recipe: 'other', recipeCalls: 1 });
    expect(documents.inside).toEqual(['a', 'b', 'other']);
    documents.leave('a');
    expect(documents.inside).toEqual(['b', 'other', 'c']);
  });

  test.each(['answer', 'fail', 'retry'] as const)(
    'lets the first call go alone if prompts begin alike, until its prompt was read: %s',
    (verdict) => {
      const documents = new Documents();
      for (const name of ['a', 'b', 'c']) documents.come(name, { sharesBeginning: true });
      expect(documents.inside).toEqual(['a']);
      documents.charge('a', { verdict, billing: 'known' });
      expect(documents.inside).toEqual(['a', 'b', 'c']);
    },
  );

  test('lets another one go first if the first one fails', () => {
    const documents = new Documents();
    for (const name of ['a', 'b', 'c']) documents.come(name, { sharesBeginning: true });
    documents.charge('a', { verdict: 'retry', billing: 'in doubt' });
    expect(documents.inside).toEqual(['a']);
    documents.leave('a');
    expect(documents.inside).toEqual(['b']);
  });

  test('lets one go first again when the beginning is no longer kept', () => {
    const documents = new Documents();
    documents.come('a', { sharesBeginning: true });
    documents.charge('a', { verdict: 'answer', billing: 'known' });
    documents.leave('a');
    documents.now = 6 * MINUTE_MS;
    for (const name of ['b', 'c']) documents.come(name, { sharesBeginning: true });
    expect(documents.inside).toEqual(['b']);
  });

  test('goes by model and recipe: each has a beginning of its own', () => {
    const documents = new Documents();
    documents.come('a', { sharesBeginning: true });
    documents.come('b', { sharesBeginning: true, recipe: 'other' });
    documents.come('c', { sharesBeginning: true, model: 'other' });
    expect(documents.inside).toEqual(['a', 'b', 'c']);
  });

  test('lets a repeated attempt in before fresh documents', () => {
    const documents = new Documents();
    for (const name of ['a', 'b', 'c']) documents.come(name, { recipeCalls: 1 });
    documents.come('again', { recipeCalls: 1, repeated: true });
    documents.leave('a');
    expect(documents.inside).toEqual(['again']);
    documents.leave('again');
    expect(documents.inside).toEqual(['b']);
  });

  test('gives repeated attempts half of the places while fresh documents wait', () => {
    const documents = new Documents();
    const limited = { recipeCalls: 4 };
    for (const name of ['a', 'b', 'c', 'd']) documents.come(name, limited);
    for (const name of ['A', 'B', 'C', 'D']) documents.come(name, { ...limited, repeated: true });
    for (const name of ['e', 'f']) documents.come(name, limited);
    for (const name of ['a', 'b', 'c', 'd']) documents.leave(name);
    expect(documents.inside).toEqual(['A', 'B', 'e', 'f']);
    documents.leave('e');
    expect(documents.inside).toEqual(['A', 'B', 'f', 'C']);
  });

  test('has places for a recipe, whichever model it names after an edit', () => {
    const documents = new Documents();
    documents.come('a', { recipeCalls: 1 });
    documents.come('b', { recipeCalls: 1, model: 'other' });
    expect(documents.inside).toEqual(['a']);
  });

  test('refuses all that wait', () => {
    const documents = new Documents();
    for (const name of ['a', 'b', 'c']) documents.come(name, { recipeCalls: 1 });
    documents.limits.refuseAll();
    expect(documents.gone).toEqual(['b', 'c']);
    expect(documents.inside).toEqual(['a']);
  });

  test('lets 20,000 pass that leave as soon as they enter', () => {
    const documents = new Documents();
    const ticket = { ...fresh, recipeCalls: 1 };
    documents.come('first', ticket);
    const limit = documents.limits.of(ticket);
    let ended = 0;
    for (let count = 0; count < 20_000; count += 1) {
      const passing: RecipeGuest = {
        ticket,
        recipeMoney: null,
        grant: () => {
          ended += 1;
          limit.leave(passing);
        },
        refuse: () => undefined,
      };
      limit.enter(passing);
    }
    expect(ended).toBe(0);
    documents.leave('first');
    expect(ended).toBe(20_000);
  });
});

describe("a recipe's money", () => {
  const limited: Partial<Ticket> = { recipe: 'expensive', recipeCostUsd: 1 };

  test('is set aside for calls in flight, and is there again when they cost less', () => {
    const documents = new Documents();
    for (const name of ['a', 'b', 'c']) documents.come(name, limited);
    expect(documents.reserve('a', 0.6)).toEqual({ kind: 'reserved' });
    expect(documents.reserve('b', 0.6)).toBe('later');
    documents.charge('a', { billing: 'known', costUsd: 0.1 });
    expect(documents.reserve('b', 0.6)).toEqual({ kind: 'reserved' });
  });

  test('keeps those out that could only wait for it', () => {
    const documents = new Documents();
    for (const name of ['a', 'b']) documents.come(name, limited);
    documents.reserve('a', 0.6);
    documents.reserve('b', 0.6);
    documents.leave('b');
    documents.come('c', limited);
    expect(documents.inside).toEqual(['a']);
    documents.charge('a', { billing: 'known', costUsd: 0.1 });
    expect(documents.inside).toEqual(['a', 'c']);
  });

  test('is spent with what calls cost, or may have cost', () => {
    const documents = new Documents();
    for (const name of ['a', 'b']) documents.come(name, limited);
    documents.reserve('a', 0.6);
    documents.charge('a', { billing: 'in doubt', costUsd: null });
    expect(documents.reserve('b', 0.5)).toEqual({ kind: 'recipe spent', refilledAt: null });
    expect(documents.reserve('b', 0.4)).toEqual({ kind: 'reserved' });
  });

  test('comes back if a call never left', () => {
    const documents = new Documents();
    documents.come('a', limited);
    documents.reserve('a', 0.9);
    documents.leave('a');
    documents.come('b', limited);
    expect(documents.reserve('b', 0.9)).toEqual({ kind: 'reserved' });
  });

  test.each([
    { edit: 'raised', limitUsd: 50, worstUsd: 10, kind: 'reserved' },
    { edit: 'lowered below what the call may cost', limitUsd: 0.1, worstUsd: 0.2, kind: 'unaffordable' },
    { edit: 'lowered below what was spent', limitUsd: 0.5, worstUsd: 0.2, kind: 'recipe spent' },
    { edit: 'taken away', limitUsd: null, worstUsd: 100, kind: 'reserved' },
  ])('counts by the limit as it is $edit, with what was spent', ({ limitUsd, worstUsd, kind }) => {
    const documents = new Documents();
    documents.come('a', limited);
    documents.reserve('a', 0.6);
    documents.charge('a', { billing: 'known', costUsd: 0.6 });
    documents.leave('a');
    documents.come('b', { ...limited, recipeCostUsd: limitUsd });
    expect(documents.reserve('b', worstUsd)).toMatchObject({ kind });
  });

  test('is counted before it has a limit, also what is in flight', () => {
    const documents = new Documents();
    const free = { ...limited, recipeCostUsd: null };
    for (const name of ['a', 'b']) {
      documents.come(name, free);
      expect(documents.reserve(name, 0.6)).toEqual({ kind: 'reserved' });
    }
    documents.charge('a', { billing: 'known', costUsd: 0.3 });
    documents.come('c', limited);
    expect(documents.reserve('c', 0.8)).toEqual({ kind: 'recipe spent', refilledAt: null });
    expect(documents.reserve('c', 0.5)).toBe('later');
    documents.charge('b', { billing: 'known', costUsd: 0.1 });
    expect(documents.reserve('c', 0.5)).toEqual({ kind: 'reserved' });
  });

  test('is that of the recipe, whichever model it names after an edit', () => {
    const documents = new Documents();
    documents.come('a', limited);
    documents.reserve('a', 0.9);
    documents.charge('a', { billing: 'known', costUsd: 0.9 });
    documents.come('b', { ...limited, model: 'other' });
    expect(documents.reserve('b', 0.5)).toEqual({ kind: 'recipe spent', refilledAt: null });
  });

  test('of a day is refilled at midnight', () => {
    const documents = new Documents(true, 1);
    documents.come('a', limited);
    expect(documents.reserve('a', 0.5)).toEqual({ kind: 'recipe spent', refilledAt: 24 * 60 * MINUTE_MS });
    documents.now = 24 * 60 * MINUTE_MS;
    expect(documents.reserve('a', 0.5)).toEqual({ kind: 'reserved' });
  });

  test.each([{ worstUsd: 1.01 }, { worstUsd: null }])(
    'never does for a call that may cost $worstUsd',
    ({ worstUsd }) => {
      const documents = new Documents();
      documents.come('a', limited);
      expect(documents.reserve('a', worstUsd)).toEqual({ kind: 'unaffordable' });
    },
  );
});

describe('the gate, with recipes', () => {
  const slow: Ticket = { ...fresh, recipe: 'slow', recipeCalls: 1 };

  test('has no more calls in flight than a recipe allows, and fills its slots with others', async () => {
    const became = await withGate({ concurrency: 3 }, (calls) => {
      for (const name of ['a', 'b']) calls.make(name, { ticket: slow, ms: 4 });
      for (const name of ['c', 'd']) calls.make(name, { ms: 4 });
    });
    expect(became).toEqual({ a: [0, 4], b: [4, 8], c: [0, 4], d: [0, 4] });
  });

  test('gives the place of a recipe back when no call follows, while the answer is being filed', async () => {
    const became = await withGate({ concurrency: 3 }, (calls, _, { sleep }) => {
      void calls.hold('a', { ticket: slow }, async (slot) => {
        await calls.call('a', slot, { ms: 4 });
        slot.settling();
        await sleep(100);
      });
      calls.make('b', { ticket: slow, ms: 4 });
    });
    expect(became).toEqual({ a: [0, 4], b: [4, 8] });
  });

  test('says that the money of a recipe is spent', async () => {
    const spent = new Budget({ limitUsd: 1, spentUsd: 1, perDay: false, wall: () => 0 });
    const became = await withGate({ budgetFor: () => spent }, (calls) => {
      void calls.hold('a', { ticket: { ...fresh, recipeCostUsd: 1 } }, async (slot) => {
        const { kind } = await slot.reserve({ promptTokens: 1, maxTokens: 1, worstUsd: 0.5 });
        calls.note('a', kind);
      });
    });
    expect(became).toEqual({ a: 'recipe spent at 0' });
  });

  test('turns those away that wait for their recipe when it closes', async () => {
    const became = await withGate({ concurrency: 3 }, (calls, gate, { schedule }) => {
      for (const name of ['a', 'b']) calls.make(name, { ticket: slow, ms: 4 });
      schedule(() => gate.close('signal'), 1);
    });
    expect(became).toEqual({ a: [0, 4], b: 'closed at 1' });
  });

  test('turns them away one by one if the model cools longer than the run waits for', async () => {
    const verdict = { kind: 'retry', cools: 'model', hintSeconds: 901, counts: true } as const;
    const became = await withGate({ longestCooldownSeconds: 900 }, (calls) => {
      for (const name of ['a', 'b', 'c']) calls.make(name, { ticket: slow, ms: 4, verdict });
    });
    expect(became).toEqual({ a: [0, 4], b: 'closed at 4', c: 'closed at 4' });
  });
});
