import { describe, expect, test } from '@jest/globals';
import { concatMap, Observable, of, Subject, type Subscriber, takeUntil } from 'rxjs';
import type { AttemptRecord } from '../../src/domain/attempt.ts';
import type { Ticket } from '../../src/domain/ports.ts';
import { Budget } from '../../src/gate/budget.ts';
import { type RecipeShare, RecipeShares } from '../../src/gate/recipe-limits.ts';
import { fresh, recordOf, withGate } from './with-gate.ts';

const MINUTE_MS = 60_000;

/** Documents of recipes, each inside until it is let go. */
class Documents {
  now = 0;
  readonly inside: string[] = [];
  readonly gone: string[] = [];
  readonly shares: RecipeShares;
  readonly #subscribers = new Map<string, Subscriber<never>>();
  readonly #held = new Map<string, RecipeShare>();

  constructor(perDay = false, spentUsd = 0) {
    this.shares = new RecipeShares(
      {
        openPurse: () => new Budget({ limitUsd: Number.POSITIVE_INFINITY, spentUsd, perDay, wall: () => this.now }),
      },
      () => this.now,
    );
  }

  come(name: string, ticket: Partial<Ticket>): void {
    const stays = (share: RecipeShare): Observable<never> =>
      new Observable((subscriber) => {
        this.inside.push(name);
        this.#subscribers.set(name, subscriber);
        this.#held.set(name, share);
        return () => this.inside.splice(this.inside.indexOf(name), 1);
      });
    this.shares.hold({ ...fresh, ...ticket }, stays).subscribe({ complete: () => this.gone.push(name) });
  }

  leave(name: string): void {
    this.#subscribers.get(name)?.complete();
  }

  reserve(name: string, worstUsd: number | null): unknown {
    return this.#held.get(name)?.reserve(worstUsd);
  }

  settle(name: string, record: Partial<AttemptRecord>): void {
    this.#held.get(name)?.settle(this.now, recordOf(record));
  }
}

describe('RecipeShares', () => {
  test('holds nobody up whose recipe has no limits of its own', () => {
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
    'lets the first call go alone where prompts begin alike, until its prompt was read: %s',
    (verdict) => {
      const documents = new Documents();
      for (const name of ['a', 'b', 'c']) documents.come(name, { sharesBeginning: true });
      expect(documents.inside).toEqual(['a']);
      documents.settle('a', { verdict, billing: 'known' });
      expect(documents.inside).toEqual(['a', 'b', 'c']);
    },
  );

  test('lets another one go first where the first one fails', () => {
    const documents = new Documents();
    for (const name of ['a', 'b', 'c']) documents.come(name, { sharesBeginning: true });
    documents.settle('a', { verdict: 'retry', billing: 'in doubt' });
    expect(documents.inside).toEqual(['a']);
    documents.leave('a');
    expect(documents.inside).toEqual(['b']);
  });

  test('lets one go first again when the beginning is no longer kept', () => {
    const documents = new Documents();
    documents.come('a', { sharesBeginning: true });
    documents.settle('a', { verdict: 'answer', billing: 'known' });
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
    const share = { recipeCalls: 4 };
    for (const name of ['a', 'b', 'c', 'd']) documents.come(name, share);
    for (const name of ['A', 'B', 'C', 'D']) documents.come(name, { ...share, repeated: true });
    for (const name of ['e', 'f']) documents.come(name, share);
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

  test('sends everybody away who waits', () => {
    const documents = new Documents();
    for (const name of ['a', 'b', 'c']) documents.come(name, { recipeCalls: 1 });
    documents.shares.sendAway();
    expect(documents.gone).toEqual(['b', 'c']);
    expect(documents.inside).toEqual(['a']);
  });

  test('lets 20,000 pass that end as soon as they begin', () => {
    const documents = new Documents();
    documents.come('first', { recipeCalls: 1 });
    let ended = 0;
    for (let count = 0; count < 20_000; count += 1)
      documents.shares.hold({ ...fresh, recipeCalls: 1 }, () => of(0)).subscribe({ complete: () => (ended += 1) });
    expect(ended).toBe(0);
    documents.leave('first');
    expect(ended).toBe(20_000);
  });

  test('forgets who no longer waits', () => {
    const documents = new Documents();
    documents.come('a', { recipeCalls: 1 });
    const stop = new Subject<void>();
    let entered = false;
    documents.shares
      .hold({ ...fresh, recipeCalls: 1 }, () => {
        entered = true;
        return of(0);
      })
      .pipe(takeUntil(stop))
      .subscribe();
    stop.next();
    documents.leave('a');
    expect(entered).toBe(false);
  });
});

describe("a recipe's money", () => {
  const limited: Partial<Ticket> = { recipe: 'dear', recipeCostUsd: 1 };

  test('is set aside for calls in flight, and is there again when they cost less', () => {
    const documents = new Documents();
    for (const name of ['a', 'b', 'c']) documents.come(name, limited);
    expect(documents.reserve('a', 0.6)).toEqual({ kind: 'reserved' });
    expect(documents.reserve('b', 0.6)).toBe('later');
    documents.settle('a', { billing: 'known', costUsd: 0.1 });
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
    documents.settle('a', { billing: 'known', costUsd: 0.1 });
    expect(documents.inside).toEqual(['a', 'c']);
  });

  test('is spent with what calls cost, or may have cost', () => {
    const documents = new Documents();
    for (const name of ['a', 'b']) documents.come(name, limited);
    documents.reserve('a', 0.6);
    documents.settle('a', { billing: 'in doubt', costUsd: null });
    expect(documents.reserve('b', 0.5)).toEqual({ kind: 'recipe spent', refilledAt: null });
    expect(documents.reserve('b', 0.4)).toEqual({ kind: 'reserved' });
  });

  test('comes back where a call never left', () => {
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
    documents.settle('a', { billing: 'known', costUsd: 0.6 });
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
    documents.settle('a', { billing: 'known', costUsd: 0.3 });
    documents.come('c', limited);
    expect(documents.reserve('c', 0.8)).toEqual({ kind: 'recipe spent', refilledAt: null });
    expect(documents.reserve('c', 0.5)).toBe('later');
    documents.settle('b', { billing: 'known', costUsd: 0.1 });
    expect(documents.reserve('c', 0.5)).toEqual({ kind: 'reserved' });
  });

  test('is that of the recipe, whichever model it names after an edit', () => {
    const documents = new Documents();
    documents.come('a', limited);
    documents.reserve('a', 0.9);
    documents.settle('a', { billing: 'known', costUsd: 0.9 });
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
  test('has no more calls in flight than a recipe allows, and fills its places with others', () => {
    withGate({ concurrency: 3 }, (gate, { cold, expectObservable }) => {
      const slow: Ticket = { ...fresh, recipe: 'slow', recipeCalls: 1 };
      const call = (ticket: Ticket) => gate.admit(ticket, (seat) => seat.fly(() => cold('---a|')));
      expectObservable(call(slow)).toBe('---a|');
      expectObservable(call(slow)).toBe('-------a|');
      expectObservable(call(fresh)).toBe('---a|');
      expectObservable(call(fresh)).toBe('---a|');
    });
  });

  test('tells a document that the money of its recipe is spent', () => {
    const spent = new Budget({ limitUsd: 1, spentUsd: 1, perDay: false, wall: () => 0 });
    withGate({ openPurse: () => spent }, (gate, { expectObservable }) => {
      const demand = { promptTokens: 1, maxTokens: 1, worstUsd: 0.5 };
      const asked = gate.admit({ ...fresh, recipeCostUsd: 1 }, (seat) =>
        seat.reserve(demand).pipe(concatMap(({ kind }) => of(kind))),
      );
      expectObservable(asked).toBe('(a|)', { a: 'recipe spent' });
    });
  });

  test('sends those away that wait for their recipe when it closes', () => {
    withGate({ concurrency: 3 }, (gate, { cold, expectObservable }, at) => {
      const slow: Ticket = { ...fresh, recipe: 'slow', recipeCalls: 1 };
      const call = () => gate.admit(slow, (seat) => seat.fly(() => cold('---a|')));
      expectObservable(call()).toBe('---a|');
      expectObservable(call()).toBe('-|');
      at(1, () => gate.close('signal'));
    });
  });
});
