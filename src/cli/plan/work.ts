import type { DocumentRef } from '../../domain/document.ts';
import type { Models } from '../../domain/models.ts';
import type { Options } from '../../domain/options.ts';
import type { Converter } from '../../domain/ports.ts';
import type { LedgerReader } from '../../domain/receipt.ts';
import type { Recipes } from '../../domain/recipe.ts';
import { openLedgerReader } from '../../ledger/reader.ts';
import { loadTokenCounter } from '../../llm/tokens.ts';
import { lookIntoFolders, memoryOf, requireWorkspace } from '../inspect/ledger.ts';
import {
  type PlanHistory,
  type PlannedDocument,
  type PlannedDocuments,
  planDocuments,
  readPlanHistory,
  withoutReused,
} from './documents.ts';
import { type ExpectedKind, expectAnswer, type Pricing, sumUpPlan } from './estimate.ts';
import { type PilotRun, readPilot } from './pilot.ts';
import { type Pilot, type Plan, sumOf, together } from './plan.ts';
import { estimatePrompts, type KindEstimate } from './prompts.ts';

export interface WorkPlan {
  readonly plan: Plan;
  /** The documents that would be asked, as far as they were looked into. */
  readonly asked: readonly DocumentRef[];
}

export interface PlanSources {
  /** Those that a run would use. */
  readonly recipes: Recipes;
  /** What results remember the run's API by. */
  readonly api: string;
  readonly models: Models;
  readonly converter: Converter;
  readonly pricingOf: (model: string) => Pricing;
  readonly now: Date;
  /** One that was made just now. */
  readonly pilot: PilotRun | null;
}

/**
 * What a run would do now, what it would cost, and how long it would take. Nothing is sent, and nothing is written.
 *
 * @throws UsageError, DiskError
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
  const { inbox, outbox, failed, redo, maxBytes } = options;
  const now = sources.now.getTime();
  const folders = lookIntoFolders(outbox, failed);
  const found = planDocuments(reader, { inbox, folders, recipes: sources.recipes, maxBytes, redo, now });
  const history = readPlanHistory(reader);
  const known = redo === 'all' ? new Map<string, never>() : history.known;
  const toAsk = await withoutReused(found.work, { inbox, maxBytes, known });
  const estimates = await estimatesOf(toAsk, options, sources);
  const kinds = estimates.map((kind) => expectedOf(kind, history, options));
  const counts = documentsOf(found, found.work.length - toAsk.length, kinds);
  const left = counts.documents.asked;
  const estimate = sumUpPlan(
    kinds.filter(({ documents }) => documents > 0),
    options,
    sources,
  );
  const pilot = pilotOf(reader, left, options, sources);
  const { costUsd } = pilot === null ? estimate : (pilot.estimate ?? { costUsd: null });
  return {
    plan: { ...counts, ...estimate, budget: budgetFor(left, costUsd?.likely ?? null, options), pilot },
    asked: kinds.flatMap(({ asked }) => asked),
  };
}

/** The tokenizer is loaded only if there is something to count. */
async function estimatesOf(
  documents: readonly PlannedDocument[],
  { inbox, maxBytes, maxTokens }: Options,
  { models, converter }: PlanSources,
) {
  if (documents.length === 0) return [];
  const countTokens = await loadTokenCounter();
  return estimatePrompts(documents, { inbox, maxBytes, maxTokens, models, converter, countTokens });
}

function expectedOf(kind: KindEstimate, history: PlanHistory, { timeoutSeconds }: Options): ExpectedKind {
  const { recipe, maxTokens } = kind;
  return { ...kind, expected: expectAnswer(history.answersOf(recipe), { maxTokens, timeoutSeconds }) };
}

function documentsOf(
  { counts, refusals: found, recipes }: PlannedDocuments,
  reused: number,
  kinds: readonly ExpectedKind[],
): Pick<Plan, 'documents' | 'refusals' | 'recipes'> {
  const asked = kinds.reduce((sum, { documents }) => sum + documents, 0);
  const refusals = together(found, ...kinds.map((kind) => kind.refusals));
  return {
    documents: { asked, reused, ...counts, refused: sumOf(refusals) },
    refusals: Object.fromEntries(refusals),
    recipes,
  };
}

function pilotOf(
  reader: LedgerReader | null,
  left: number,
  { concurrency, rpm, tpm }: Options,
  { pilot, pricingOf }: PlanSources,
): Pilot | null {
  if (pilot === null || reader === null) return null;
  const atOnce = concurrency === 'auto' || rpm !== null || tpm !== null ? null : concurrency;
  return readPilot(reader, pilot, left, { atOnce, priceOf: (model) => pricingOf(model).price });
}

function budgetFor(documents: number, costUsd: number | null, { maxCostUsd }: Options): Plan['budget'] {
  if (maxCostUsd === null) return null;
  if (costUsd === null) return { maxCostUsd, documents: null };
  const fits = costUsd <= maxCostUsd;
  return { maxCostUsd, documents: fits ? documents : Math.floor((documents * maxCostUsd) / costUsd) };
}
