import type { Price } from '../../domain/ports.ts';
import type { BarredRecipe } from '../../report/words.ts';

/** What is to be expected: `low` and `high` are seldom passed. */
export interface EstimateRange {
  readonly low: number;
  readonly likely: number;
  readonly high: number;
}

/** An estimate from a sample. `low` and `high` follow from how far single documents were from their mean; null for too few. */
export interface Projection {
  readonly low: number | null;
  readonly likely: number;
  readonly high: number | null;
}

/** What a model costs. */
export interface Pricing {
  /** Null if it is not known. */
  readonly price: Price | null;
  /** Why: no list of models could be had, or the model is not in it, or it is and has no price. Null with a price. */
  readonly priceUnknown: 'no-list' | 'unlisted' | 'unpriced' | null;
}

/** What one model would be asked, and what that would cost. */
export interface ModelPlan extends Pricing {
  readonly model: string;
  readonly documents: number;
  readonly requests: number;
  readonly tokens: {
    readonly prompt: EstimateRange;
    readonly completion: EstimateRange;
    /** False if the model counts by a tokenizer of its own. */
    readonly tokenizerFits: boolean;
  };
  /** USD; null if no price is known. */
  readonly costUsd: EstimateRange | null;
}

/** What `sluice plan` found; with `--json` it is printed as it is. Prices are those of `model`. */
export interface Plan extends Pricing {
  /**
   * As a run would decide it now. `asked`: by calls. `reused`: of the same bytes as another one. `refused`: it cannot be
   * sent as it is. `pending`: to be looked at later. If there are more than are looked into (`tokens.counted`), what is
   * asked or refused is estimated.
   */
  readonly documents: Readonly<
    Record<'asked' | 'reused' | 'skipped' | 'failed' | 'held' | 'refused' | 'pending', number>
  >;
  /** How many are refused, by our words for why. */
  readonly refusals: Readonly<Record<string, number>>;
  /** Those that cannot be used as things are: their documents are pending. */
  readonly recipes: readonly BarredRecipe[];
  /** Of the documents that are asked. */
  readonly bytes: number;
  /** Calls, if nothing goes wrong: of a document that is asked in parts there are several. */
  readonly requests: number;
  /** The one that most documents are asked with; if none is asked, the run's. */
  readonly model: string;
  readonly api: string;
  /** Each with its share, that of most documents first. */
  readonly models: readonly ModelPlan[];
  /** Of all models together; the tokenizer fits if it does for each. */
  readonly tokens: ModelPlan['tokens'] & {
    /** Of the prompts, what images, sound and PDFs come to: nothing of that is counted. No API takes more than `atMost`. */
    readonly media: { readonly likely: number; readonly atMost: number };
    readonly tokenizer: string;
    /** What was looked into, of the documents that are asked; all other prompts are estimated by their bytes. */
    readonly counted: { readonly documents: number; readonly bytes: number };
  };
  /** USD; null if a price is not known. */
  readonly costUsd: EstimateRange | null;
  /** How many of the documents that are asked are likely to fit in `--max-cost`, null if no cost is known; null without it. */
  readonly budget: { readonly maxCostUsd: number; readonly documents: number | null } | null;
  readonly pace: {
    readonly concurrency: number | 'auto';
    /** What `auto` never goes above. */
    readonly concurrencyMax: number;
    readonly rpm: number | null;
    readonly tpm: number | null;
    /** Of one call. */
    readonly callSeconds: EstimateRange;
  };
  /** Of the run; with `auto` only the least is known. */
  readonly seconds: { readonly low: number; readonly likely: number | null; readonly high: number | null };
  /**
   * What estimates of answers and times are based on: earlier answers in the ledger, of the same recipe and model; or a
   * guess, if too little is known of one of the recipes.
   */
  readonly basis: {
    readonly from: 'ledger' | 'guess';
    /** Those in the ledger. */
    readonly answers: number;
  };
  /** Null without `--pilot`. Its estimates go before those of the rest of the plan. */
  readonly pilot: Pilot | null;
}

/** What the documents of a pilot came to, and what that means for those that are left. */
export interface Pilot {
  readonly documents: number;
  readonly succeeded: number;
  /** How many failed or are held, by our words for why. */
  readonly failures: Readonly<Record<string, number>>;
  /** Whether it ended before its documents did. */
  readonly stopped: boolean;
  readonly attempts: number;
  /** Attempts that cost, or may have cost, and how much is not known. */
  readonly costUnknownAttempts: number;
  /** USD; null if nothing is known. */
  readonly costUsd: number | null;
  /** Of the documents that are left, if as large a share of them fails. Null if the model answered nothing. */
  readonly estimate: {
    /** Null if no answer says it, as are tokens. */
    readonly costUsd: Projection | null;
    readonly promptTokens: Projection | null;
    readonly completionTokens: Projection | null;
    /** Null if more than the calls limits the pace: `auto`, `--rpm`, `--tpm`. */
    readonly seconds: Projection | null;
  } | null;
}

export function total<T>(all: readonly T[], of: (one: T) => number): number {
  return all.reduce((sum, one) => sum + of(one), 0);
}

export function range(at: (end: keyof EstimateRange) => number): EstimateRange {
  return { low: at('low'), likely: at('likely'), high: at('high') };
}

/** How many there are of each word. */
export type Counts = ReadonlyMap<string, number>;

export function countEach(words: Iterable<string>): Counts {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

export function sumOf(counts: Counts): number {
  return total([...counts.values()], (count) => count);
}

/** Groups in the order in which their first ones come. */
export function groupBy<T>(all: Iterable<T>, keyOf: (one: T) => string): ReadonlyMap<string, readonly [T, ...T[]]> {
  const groups = new Map<string, [T, ...T[]]>();
  for (const one of all) {
    const group = groups.get(keyOf(one));
    if (group === undefined) groups.set(keyOf(one), [one]);
    else group.push(one);
  }
  return groups;
}
