import type { AttemptRecord } from '../domain/attempt.ts';
import { type Grant, RESERVED, type Ticket } from '../domain/ports.ts';
import type { Budget, Reservation } from './budget.ts';
import { type QueueItem, WaitQueue } from './wait-queue.ts';

/** A document that waits for a place in its recipe's limit, or has one. */
export interface RecipeGuest extends QueueItem {
  /** The most that its call can cost, set aside; null before. */
  recipeMoney: Reservation | null;
}

/** Providers keep the beginning of a prompt for five minutes after its last use, and a call takes time to get there. */
const WARM_MS = 4 * 60_000;

/** One for each recipe, whatever model it names. */
export class RecipeLimits {
  readonly #budgetFor: (recipe: string) => Budget;
  readonly #now: () => number;
  readonly #limits = new Map<string, RecipeLimit>();

  constructor(budgetFor: (recipe: string) => Budget, now: () => number) {
    this.#budgetFor = budgetFor;
    this.#now = now;
  }

  of({ recipe }: Pick<Ticket, 'recipe'>): RecipeLimit {
    let limit = this.#limits.get(recipe);
    if (limit === undefined) this.#limits.set(recipe, (limit = new RecipeLimit(this.#budgetFor(recipe), this.#now)));
    return limit;
  }

  /** Refuses all that wait. */
  refuseAll(): void {
    for (const { waiting } of this.#limits.values()) waiting.refuseAll();
  }
}

/** How the prompts for one model begin: each provider has a cache of its own. */
interface PromptBeginning {
  inside: number;
  warmUntil: number;
}

/**
 * What one recipe is allowed: calls at once, and money. If its prompts begin alike, the first call goes alone, so that
 * the others find their beginning in the provider's cache.
 */
export class RecipeLimit {
  /** Documents that wait for a place here. They hold no slot. */
  readonly waiting = new WaitQueue();
  readonly #budget: Budget;
  readonly #now: () => number;
  readonly #beginnings = new Map<string, PromptBeginning>();
  #inside = 0;
  #repeatedInside = 0;
  /** A call found no money beside what is set aside for others. */
  #short = false;
  #starting = false;

  constructor(budget: Budget, now: () => number) {
    this.#budget = budget;
    this.#now = now;
  }

  /** Grants the guest a place as soon as there is one. It keeps it until it leaves. */
  enter(guest: RecipeGuest): void {
    this.waiting.add(guest);
    this.#startWaiting();
  }

  leave(guest: RecipeGuest): void {
    guest.recipeMoney?.release();
    // A guest that found no money brings none back: the next one would find none either.
    if (guest.recipeMoney !== null) this.#short = false;
    this.#count(guest.ticket, -1);
    this.#startWaiting();
  }

  /** Sets money aside for its call. `later`: there may be enough when calls of others end. */
  reserve(guest: RecipeGuest, worstUsd: number | null): Grant | 'later' {
    const grant = this.#grantFor(worstUsd, guest.ticket.recipeCostUsd);
    if (grant === 'later') this.#short = true;
    else if (grant.kind === 'reserved') guest.recipeMoney = this.#budget.reserve(worstUsd ?? 0);
    return grant;
  }

  /** Its call ended. If its cost is not known, the most that it could be counts. */
  charge({ ticket, recipeMoney }: RecipeGuest, now: number, { billing, costUsd }: AttemptRecord): void {
    recipeMoney?.charge(billing === 'none' ? 0 : (costUsd ?? recipeMoney.worstUsd));
    this.#short = false;
    // The prompt was read, whatever the answer is worth.
    if (billing === 'known') this.#beginningOf(ticket.model).warmUntil = now + WARM_MS;
    this.#startWaiting();
  }

  /** Without a limit the money is set aside, too: one may be added while calls are in flight. */
  #grantFor(worstUsd: number | null, limitUsd: number | null): Grant | 'later' {
    if (limitUsd === null) return RESERVED;
    if (worstUsd === null || worstUsd > limitUsd) return { kind: 'unaffordable' };
    const fits = this.#budget.fits(worstUsd, limitUsd);
    if (fits === 'never') return { kind: 'recipe spent', refilledAt: this.#budget.refilledAt };
    return fits === 'now' ? RESERVED : 'later';
  }

  /** A guest that leaves as soon as it enters calls this again: that only changes what the loop sees next. */
  #startWaiting(): void {
    if (this.#starting) return;
    this.#starting = true;
    for (;;) {
      const repeatedMayGoFirst = this.#repeatedMayGoFirst;
      const next = this.waiting.next(repeatedMayGoFirst);
      if (next === undefined || !this.#mayEnter(next.ticket)) break;
      this.waiting.take(repeatedMayGoFirst);
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
