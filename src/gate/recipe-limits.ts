import type { AttemptRecord } from '../domain/attempt.ts';
import type { Grant, Ticket } from '../domain/ports.ts';
import type { Budget, Reservation } from './budget.ts';
import { type QueueItem, WaitQueue } from './wait-queue.ts';

/** A document that is, or wants to be, within the limits of its recipe. */
export interface RecipeGuest extends QueueItem {
  /** The most that its call can cost, set aside from the recipe's money; null before. */
  recipeMoney: Reservation | null;
}

/**
 * Providers keep the beginning of a prompt for five minutes since it was last asked for (OpenRouter, prompt caching);
 * a call takes its time until it is looked up there.
 */
const WARM_MS = 4 * 60_000;

export const RESERVED: Grant = { kind: 'reserved' };

/** What each recipe is allowed by itself, beside what the run is. */
export class RecipeLimits {
  readonly #budgetFor: (recipe: string) => Budget;
  readonly #now: () => number;
  readonly #limits = new Map<string, Map<string, RecipeLimit>>();

  constructor(budgetFor: (recipe: string) => Budget, now: () => number) {
    this.#budgetFor = budgetFor;
    this.#now = now;
  }

  of({ api, recipe }: Pick<Ticket, 'api' | 'recipe'>): RecipeLimit {
    let ofApi = this.#limits.get(api);
    if (ofApi === undefined) this.#limits.set(api, (ofApi = new Map<string, RecipeLimit>()));
    let limit = ofApi.get(recipe);
    if (limit === undefined) ofApi.set(recipe, (limit = new RecipeLimit(this.#budgetFor(recipe), this.#now)));
    return limit;
  }

  /** Refuses all that wait. */
  refuseAll(): void {
    for (const ofApi of this.#limits.values()) for (const limit of ofApi.values()) limit.refuseAll();
  }
}

/** How the prompts for one model begin: each provider has a cache of its own. */
interface PromptBeginning {
  inside: number;
  warmUntil: number;
}

/**
 * What one recipe is allowed: calls at once, and money. If its prompts begin alike, the first call goes alone, so that
 * the others find their beginning in the provider's cache. Documents that wait here hold no slot.
 */
export class RecipeLimit {
  readonly #budget: Budget;
  readonly #now: () => number;
  readonly #waiting = new WaitQueue();
  readonly #beginnings = new Map<string, PromptBeginning>();
  #inside = 0;
  #repeatedInside = 0;
  /** A call found no money that was not set aside for others. */
  #short = false;
  #starting = false;

  constructor(budget: Budget, now: () => number) {
    this.#budget = budget;
    this.#now = now;
  }

  /** Grants the guest its place as soon as there is one. It is inside until it leaves. */
  enter(guest: RecipeGuest): void {
    this.#waiting.add(guest);
    this.#startWaiting();
  }

  leave(guest: RecipeGuest): void {
    guest.recipeMoney?.release();
    // One that found no money brings none back: the next one would only find none either.
    if (guest.recipeMoney !== null) this.#short = false;
    this.#count(guest.ticket, -1);
    this.#startWaiting();
  }

  refuseAll(): void {
    this.#waiting.refuseAll();
  }

  /** Sets money aside for its call. `later`: what others of the recipe set aside has to come back first. */
  reserve(guest: RecipeGuest, worstUsd: number | null): Grant | 'later' {
    const grant = this.#grantFor(worstUsd, guest.ticket.recipeCostUsd);
    if (grant === 'later') this.#short = true;
    else if (grant.kind === 'reserved') guest.recipeMoney = this.#budget.reserve(worstUsd ?? 0);
    return grant;
  }

  /** Counts what its call cost: if its cost is not known, the most that it could be. */
  charge({ ticket, recipeMoney }: RecipeGuest, now: number, { billing, costUsd }: AttemptRecord): void {
    recipeMoney?.charge(billing === 'none' ? 0 : (costUsd ?? recipeMoney.worstUsd));
    this.#short = false;
    // The prompt was read, whatever the answer is worth.
    if (billing === 'known') this.#beginningOf(ticket.model).warmUntil = now + WARM_MS;
    this.#startWaiting();
  }

  /** Without a limit it is counted all the same: one may be added while calls are in flight. */
  #grantFor(worstUsd: number | null, limitUsd: number | null): Grant | 'later' {
    if (limitUsd === null) return RESERVED;
    if (worstUsd === null || worstUsd > limitUsd) return { kind: 'unaffordable' };
    const fits = this.#budget.fits(worstUsd, limitUsd);
    if (fits === 'never') return { kind: 'recipe spent', refilledAt: this.#budget.refilledAt };
    return fits === 'now' ? RESERVED : fits;
  }

  /** A guest that leaves at once comes back in here: it only changes what the loop sees next. */
  #startWaiting(): void {
    if (this.#starting) return;
    this.#starting = true;
    for (;;) {
      const repeatedMayGoFirst = this.#repeatedMayGoFirst;
      const next = this.#waiting.next(repeatedMayGoFirst);
      if (next === undefined || !this.#mayEnter(next.ticket)) break;
      this.#waiting.take(repeatedMayGoFirst);
      this.#count(next.ticket, 1);
      next.grant();
    }
    this.#starting = false;
  }

  /** Repeated attempts go first, and have at most half of the places while fresh documents wait. */
  get #repeatedMayGoFirst(): boolean {
    return this.#repeatedInside < Math.max(1, Math.floor((this.#inside + 1) / 2));
  }

  #mayEnter({ model, recipeCalls, sharesBeginning }: Ticket): boolean {
    if (this.#inside === 0) return true;
    if (this.#short || (recipeCalls !== null && this.#inside >= recipeCalls)) return false;
    if (!sharesBeginning) return true;
    const { inside, warmUntil } = this.#beginningOf(model);
    return inside === 0 || warmUntil > this.#now();
  }

  #count({ model, repeated }: Ticket, by: 1 | -1): void {
    this.#inside += by;
    if (repeated) this.#repeatedInside += by;
    this.#beginningOf(model).inside += by;
  }

  #beginningOf(model: string): PromptBeginning {
    let beginning = this.#beginnings.get(model);
    if (beginning === undefined)
      this.#beginnings.set(model, (beginning = { inside: 0, warmUntil: Number.NEGATIVE_INFINITY }));
    return beginning;
  }
}
