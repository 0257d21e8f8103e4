import type { LeftOutTotals } from '../../domain/document.ts';
import type { Options } from '../../domain/options.ts';
import type { Price } from '../../domain/ports.ts';
import type { Receipt } from '../../domain/receipt.ts';
import type { BarredRecipe } from '../../report/words.ts';

/** An expected value, which is seldom below `low` or above `high`. */
export interface EstimateRange {
  readonly low: number;
  readonly likely: number;
  readonly high: number;
}

/** An estimate from a sample. `low` and `high` follow from how much its documents differ; null if they are too few. */
export interface Projection {
  readonly low: number | null;
  readonly likely: number;
  readonly high: number | null;
}

/** What a model costs. */
export interface Pricing {
  /** Null if it is not known. */
  readonly price: Price | null;
  /** Why there is no price: no list of models, a model that is not listed, or one without a price; else null. */
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
    /** False if the model has another tokenizer. */
    readonly tokenizerFits: boolean;
  };
  /** USD; null if no price is known. */
  readonly costUsd: EstimateRange | null;
}

/** What `sluice plan` found; with `--json` it is printed as it is. Prices are those of `model`. */
export interface Plan extends Pricing {
  /**
   * As a run would decide it now. `asked`: needs calls. `reused`: has the same bytes as another one. `refused`: cannot
   * be sent as it is. `pending`: waits. `asked` and `refused` are estimates if not all were read (`tokens.counted`).
   */
  readonly documents: Readonly<
    Record<'asked' | 'reused' | 'skipped' | 'failed' | 'held' | 'refused' | 'pending', number>
  >;
  /** How many are refused, by our code for why. */
  readonly refusals: Readonly<Record<string, number>>;
  /** Of those that were read and are asked: the others are not looked into. */
  readonly leftOut: LeftOutTotals;
  /** Recipes that cannot be used as they are: their documents are pending. */
  readonly recipes: readonly BarredRecipe[];
  /** The globs of `--include` and `--exclude` that match no document, each with its flag. */
  readonly unmatched: readonly string[];
  /** Of the documents that are asked. */
  readonly bytes: number;
  /** Calls, if nothing goes wrong; a document in parts takes several. */
  readonly requests: number;
  /** The model that most documents are asked with; if none is asked, the run's. */
  readonly model: string;
  readonly api: string;
  /** What each model is asked, the one with most documents first. */
  readonly models: readonly ModelPlan[];
  /** For all models together; the tokenizer fits if it fits each. */
  readonly tokens: ModelPlan['tokens'] & {
    /** The part of the prompts for images, sound and PDFs, which is estimated; no API takes more than `atMost`. */
    readonly media: { readonly likely: number; readonly atMost: number };
    readonly tokenizer: string;
    /** How much of what is asked was read and counted; the other prompts are estimated by their bytes. */
    readonly counted: { readonly documents: number; readonly bytes: number };
  };
  /** USD; null if a price is not known. */
  readonly costUsd: EstimateRange | null;
  /** How many documents are likely to fit in `--max-cost` (null if no cost is known); null without `--max-cost`. */
  readonly budget: { readonly maxCostUsd: number; readonly documents: number | null } | null;
  readonly pace: Pick<Options, 'concurrency' | 'concurrencyMax' | 'rpm' | 'tpm'> & {
    /** How long one answer takes; at its longest, it is cut and takes further calls. */
    readonly callSeconds: EstimateRange;
  };
  /** How long the run takes; with `auto` only the least is known. */
  readonly seconds: { readonly low: number; readonly likely: number | null; readonly high: number | null };
  /** Answers and times are estimated from earlier answers of each recipe and model, or guessed if one has too few. */
  readonly basis: {
    readonly from: 'ledger' | 'guess';
    /** Earlier answers in the ledger. */
    readonly answers: number;
  };
  /** Null without `--pilot`. Its estimates are better than those of the rest of the plan. */
  readonly pilot: Pilot | null;
}

/** What became of a pilot's documents, and an estimate for those that are left. */
export interface Pilot extends Pick<Receipt, 'costUsd' | 'costUnknownAttempts'> {
  readonly documents: number;
  readonly succeeded: number;
  /** How many failed or are held, by our code for why. */
  readonly failures: Readonly<Record<string, number>>;
  /** Whether it was stopped before all its documents were done. */
  readonly stopped: boolean;
  readonly attempts: number;
  /** For the documents that are left, if the same share of them fails. Null if the model answered nothing. */
  readonly estimate: {
    /** Null if no answer says it, as are tokens. */
    readonly costUsd: Projection | null;
    readonly promptTokens: Projection | null;
    readonly completionTokens: Projection | null;
    /** Null if other limits than calls at once set the pace: `auto`, `--rpm`, `--tpm`. */
    readonly seconds: Projection | null;
  } | null;
}

export function range(at: (end: keyof EstimateRange) => number): EstimateRange {
  return { low: at('low'), likely: at('likely'), high: at('high') };
}
