import { finalize, mergeMap, Observable } from 'rxjs';
import type { AttemptRecord } from '../domain/attempt.ts';
import type { Leave, Ticket } from '../domain/ports.ts';
import type { Budget, Reservation } from './budget.ts';
import { type Waiter, WaitingLine } from './wait-queue.ts';

export interface RecipeShareSettings {
  /** What is spent with a recipe, over all its models. Tickets say how much that may be: a recipe can be edited meanwhile. */
  readonly openPurse: (recipe: string) => Budget;
}

/** What a document has of its recipe's share. */
export interface RecipeShare {
  /** Sets money aside for its call. `later`: what others of the recipe set aside has to come back first. */
  reserve(worstUsd: number | null): Leave | 'later';
  /** What the call came to. */
  settle(now: number, record: AttemptRecord): void;
}

/**
 * Providers keep the beginning of a prompt for five minutes since it was last asked for (OpenRouter, prompt caching);
 * a call takes its time until it is looked up there.
 */
const WARM_MS = 4 * 60_000;

/**
 * What recipes are allowed by themselves, beside what the run is: calls at once, and money. Where prompts begin alike,
 * the first call goes alone, so that the others find their beginning in the provider's cache. Documents that wait here
 * stand in no line and hold no seat.
 */
export class RecipeShares {
  readonly #settings: RecipeShareSettings;
  readonly #now: () => number;
  readonly #recipes = new Map<string, OneRecipe>();

  constructor(settings: RecipeShareSettings, now: () => number) {
    this.#settings = settings;
    this.#now = now;
  }

  /** Subscribes to `work` when its recipe has a share left, and holds it until `work` ends. */
  hold<T>(ticket: Ticket, work: (share: RecipeShare) => Observable<T>): Observable<T> {
    return this.#of(ticket)
      .enter(ticket)
      .pipe(mergeMap((share) => work(share).pipe(finalize(() => share.leave()))));
  }

  /** Tells everybody who waits that nothing starts any more. */
  sendAway(): void {
    for (const recipe of this.#recipes.values()) recipe.sendAway();
  }

  #of({ api, recipe: name }: Ticket): OneRecipe {
    const key = `${api} ${name}`;
    let recipe = this.#recipes.get(key);
    if (recipe === undefined) {
      recipe = new OneRecipe(this.#settings.openPurse(name), this.#now);
      this.#recipes.set(key, recipe);
    }
    return recipe;
  }
}

interface Held extends RecipeShare {
  leave(): void;
}

/** How the prompts for one model begin: each provider has a cache of its own. */
interface Beginning {
  inside: number;
  warmUntil: number;
}

class OneRecipe {
  readonly #purse: Budget;
  readonly #now: () => number;
  readonly #waiting = new WaitingLine();
  readonly #beginnings = new Map<string, Beginning>();
  #inside = 0;
  #repeatedInside = 0;
  /** A call found no money that was not set aside for others. */
  #short = false;
  #starting = false;

  constructor(purse: Budget, now: () => number) {
    this.#purse = purse;
    this.#now = now;
  }

  /** Emits once; completes empty where nothing starts any more. */
  enter(ticket: Ticket): Observable<Held> {
    return new Observable((subscriber) => {
      const waiter: Waiter = {
        ticket,
        grant: () => {
          subscriber.next(this.#share(ticket));
          subscriber.complete();
        },
        refuse: () => subscriber.complete(),
      };
      this.#waiting.add(waiter);
      this.#startWaiting();
      return () => this.#waiting.delete(waiter);
    });
  }

  sendAway(): void {
    this.#waiting.sendAway();
  }

  #share({ model, repeated, recipeCostUsd }: Ticket): Held {
    const beginning = this.#beginningOf(model);
    let money: Reservation | null = null;
    let worst = 0;
    const count = (by: 1 | -1): void => {
      this.#inside += by;
      if (repeated) this.#repeatedInside += by;
      beginning.inside += by;
    };
    count(1);
    return {
      reserve: (worstUsd) => {
        const leave = this.#leaveFor(worstUsd, recipeCostUsd);
        if (leave === 'later') this.#short = true;
        else if (leave.kind === 'reserved') {
          worst = worstUsd ?? 0;
          money = this.#purse.reserve(worst);
        }
        return leave;
      },
      settle: (now, { billing, costUsd }) => {
        money?.settle(billing === 'none' ? 0 : (costUsd ?? worst));
        this.#short = false;
        // The prompt was read, whatever the answer is worth.
        if (billing === 'known') beginning.warmUntil = now + WARM_MS;
        this.#startWaiting();
      },
      leave: () => {
        money?.release();
        // Who found no money brings none back: it would only be the next to find none.
        if (money !== null) this.#short = false;
        count(-1);
        this.#startWaiting();
      },
    };
  }

  /** Without a limit it is counted all the same: one may be added while calls are in flight. */
  #leaveFor(worstUsd: number | null, limitUsd: number | null): Leave | 'later' {
    if (limitUsd === null) return { kind: 'reserved' };
    if (worstUsd === null || worstUsd > limitUsd) return { kind: 'unaffordable' };
    switch (this.#purse.fits(worstUsd, limitUsd)) {
      case 'now':
        return { kind: 'reserved' };
      case 'later':
        return 'later';
      case 'never':
        return { kind: 'recipe spent', refilledAt: this.#purse.refilledAt };
    }
  }

  /** What ends at once comes back in here: it only changes what the loop sees next. */
  #startWaiting(): void {
    if (this.#starting) return;
    this.#starting = true;
    for (let next = this.#next(); next !== undefined && this.#mayEnter(next.ticket); next = this.#next()) {
      this.#waiting.delete(next);
      next.grant();
    }
    this.#starting = false;
  }

  /** Repeated attempts go first, and have at most half of the places while fresh documents wait. */
  #next(): Waiter | undefined {
    const half = Math.floor((this.#inside + 1) / 2);
    return this.#waiting.next(this.#repeatedInside < Math.max(1, half));
  }

  #mayEnter({ model, recipeCalls, sharesBeginning }: Ticket): boolean {
    if (this.#inside === 0) return true;
    if (this.#short || (recipeCalls !== null && this.#inside >= recipeCalls)) return false;
    const { inside, warmUntil } = this.#beginningOf(model);
    return !sharesBeginning || inside === 0 || warmUntil > this.#now();
  }

  #beginningOf(model: string): Beginning {
    let beginning = this.#beginnings.get(model);
    if (beginning === undefined) {
      beginning = { inside: 0, warmUntil: Number.NEGATIVE_INFINITY };
      this.#beginnings.set(model, beginning);
    }
    return beginning;
  }
}
