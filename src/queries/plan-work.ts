import type { DocumentRef } from '../domain/document.ts';
import type { LedgerReader } from '../domain/ledger-reader.ts';
import type { Price, Recipes } from '../domain/ports.ts';
import { openLedgerReader } from '../ledger/read-ledger.ts';
import type { Options } from '../options/options.ts';
import type { Pilot, Plan, Range } from '../report/plan.ts';
import { isTokenizerOf, loadTokenCounter, TOKENIZER } from './count-tokens.ts';
import { lookIntoFolders } from './look-into-folders.ts';
import { type ExpectedAnswer, expectAnswer, mapRange } from './plan-answers.ts';
import { planDocuments } from './plan-documents.ts';
import { readPlanHistory } from './plan-history.ts';
import { type PilotRun, readPilot } from './plan-pilot.ts';
import { countPrompts, type PromptTokens } from './plan-prompts.ts';
import { withoutReused } from './plan-reuse.ts';
import { timeOf } from './plan-time.ts';
import { memoryOf, requireWorkspace } from './read-ledger-of.ts';

/** How many more tokens than OpenAI's another tokenizer may find in the same text. */
const OTHER_TOKENIZERS = 1.3;

export interface WorkPlan {
  readonly plan: Plan;
  /** The documents that would be asked. */
  readonly asked: readonly DocumentRef[];
}

/** Of the run's model. */
export type Pricing = Pick<Plan, 'price' | 'priceUnknown'>;

export interface PlanSources {
  /** Those that a run would use. */
  readonly recipes: Recipes;
  readonly pricing: Pricing;
  readonly now: Date;
  /** One that was made just now. */
  readonly pilot: PilotRun | null;
}

/**
 * What a run would do now, what it would cost, and how long it would take. Nothing is sent, and nothing is written.
 *
 * @throws UsageError, DiskTrouble
 */
export async function planWork(options: Options, sources: PlanSources): Promise<WorkPlan> {
  requireWorkspace(options.root);
  const reader = openLedgerReader(memoryOf(options.root));
  try {
    return await planFrom(reader, options, sources);
  } finally {
    reader?.close();
  }
}

async function planFrom(reader: LedgerReader | null, options: Options, sources: PlanSources): Promise<WorkPlan> {
  const { recipes, now } = sources;
  const { inbox, outbox, failed, redo, maxBytes } = options;
  const folders = lookIntoFolders(outbox, failed);
  const { work, counts } = planDocuments(reader, { inbox, folders, recipes, maxBytes, redo, now: now.getTime() });
  const history = readPlanHistory(reader, recipes.choose(work[0] ?? NO_DOCUMENT));
  const asked = await withoutReused(work, { inbox, maxBytes, known: redo === 'all' ? new Map() : history.known });
  const prompts = await countPrompts(asked, { inbox, maxBytes, recipes, countTokens: await loadTokenCounter() });
  const bytes = asked.reduce((total, { size }) => total + size, 0);
  const pilot = pilotOf(reader, { count: asked.length, size: bytes }, options, sources);
  const estimated = estimate(asked.length, prompts, expectAnswer(history.answers, options), options, sources);
  const { costUsd } = pilot === null ? estimated : (pilot.estimate ?? { costUsd: null });
  return {
    asked,
    plan: {
      documents: { asked: asked.length, reused: work.length - asked.length, ...counts },
      bytes,
      ...estimated,
      budget: budgetFor(asked.length, costUsd?.likely ?? null, options),
      pilot,
    },
  };
}

function pilotOf(
  reader: LedgerReader | null,
  rest: { readonly count: number; readonly size: number },
  { concurrency, rpm, tpm }: Options,
  { pilot, pricing }: PlanSources,
): Pilot | null {
  if (pilot === null || reader === null) return null;
  const atOnce = concurrency === 'auto' || rpm !== null || tpm !== null ? null : concurrency;
  return readPilot(reader, pilot, rest, { atOnce, price: pricing.price });
}

function budgetFor(documents: number, costUsd: number | null, { maxCostUsd }: Options): Plan['budget'] {
  if (maxCostUsd === null) return null;
  if (costUsd === null) return { maxCostUsd, documents: null };
  const fits = costUsd <= maxCostUsd;
  return { maxCostUsd, documents: fits ? documents : Math.floor((documents * maxCostUsd) / costUsd) };
}

/** For choosing a recipe where there is nothing to ask. */
const NO_DOCUMENT: DocumentRef = { id: '', size: 0, mtimeMs: 0 };

function estimate(
  documents: number,
  prompts: PromptTokens,
  { completionTokens, seconds: callSeconds, basis }: ExpectedAnswer,
  { model, concurrency, concurrencyMax, rpm, tpm }: Options,
  { recipes, pricing }: PlanSources,
): Omit<Plan, 'documents' | 'bytes' | 'budget' | 'pilot'> {
  const { price } = pricing;
  const tokenizerFits = isTokenizerOf(model);
  const prompt = {
    low: prompts.tokens,
    likely: prompts.tokens,
    high: Math.round(prompts.tokens * (tokenizerFits ? 1 : OTHER_TOKENIZERS)),
  };
  const completion = mapRange(completionTokens, (tokens) => Math.round(tokens * documents));
  const pace = { concurrency, concurrencyMax, rpm, tpm, callSeconds };
  const tokens = both(prompt, completion, (asked, answered) => asked + answered);
  return {
    model,
    api: recipes.choose(NO_DOCUMENT).api,
    tokens: { prompt, completion, tokenizer: TOKENIZER, tokenizerFits, counted: prompts.counted },
    ...pricing,
    costUsd: price === null ? null : both(prompt, completion, costWith(price, documents)),
    pace,
    seconds: timeOf({ documents, tokens, pace }),
    basis,
  };
}

function costWith(price: Price, documents: number): (prompt: number, completion: number) => number {
  return (prompt, completion) => prompt * price.prompt + completion * price.completion + documents * price.request;
}

function both(one: Range, other: Range, combine: (one: number, other: number) => number): Range {
  return {
    low: combine(one.low, other.low),
    likely: combine(one.likely, other.likely),
    high: combine(one.high, other.high),
  };
}
