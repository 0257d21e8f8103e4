import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { type DocumentRef, NOTHING_LEFT_OUT, withLeftOut } from '../../domain/document.ts';
import { Mistakes, UsageError } from '../../domain/errors.ts';
import type { Models } from '../../domain/models.ts';
import type { OptionKey, Options } from '../../domain/options.ts';
import type { Converter } from '../../domain/ports.ts';
import type { Recipes } from '../../domain/recipe.ts';
import { CONVERT_WORKER, createConverter } from '../../inbox/convert/converter.ts';
import { unfinishedRedo } from '../../ledger/files.ts';
import { total } from '../../lib/collections.ts';
import { notTaken } from '../../lib/text.ts';
import { run } from '../../library/run.ts';
import { type Api, resolveApi } from '../../llm/api.ts';
import { type Catalogue, createModels } from '../../llm/catalogue.ts';
import { unsaidPdfEngine } from '../../llm/conversation/capabilities.ts';
import { loadTokenCounter } from '../../llm/tokens.ts';
import { writeText } from '../../report/screen.ts';
import { visible, visibleJson } from '../../report/words.ts';
import { requestCatalogue } from '../../run/money.ts';
import { freeClient, withApi } from '../../run/open-api.ts';
import { type Asked, loadRecipes, prepare, requireRecipesAndModel } from '../../run/prepare.ts';
import { priceLine, pricesIn } from '../../run/prices.ts';
import { refuseCollisions } from '../../run/refuse-collisions.ts';
import {
  argumentOf,
  type Command,
  type CommandContext,
  commandOptions,
  type GivenFlags,
  type ProcessContext,
} from '../command.ts';
import { follow } from '../follow.ts';
import { ledgerFolderOf, lookIntoFolders, needsWorkspace, readWorkspace } from '../inspect/workspace.ts';
import { optionKeys, yargsOptions } from '../options/table.ts';
import { planDocuments, readPlanHistory, withoutReused } from './documents.ts';
import { sumUpPlan } from './estimate.ts';
import { type PilotRun, readPilot } from './pilot.ts';
import type { Plan, Pricing } from './plan.ts';
import { estimatePrompts, spreadOverSizes } from './prompts.ts';
import { planText } from './text.ts';

/** Options that make another kind of run, or say nothing of what it does with documents. */
const OTHER_RUNS: ReadonlySet<string> = new Set<OptionKey>([
  'once',
  'test',
  'limit',
  'truncateCharacters',
  'rescanSeconds',
  'lookAgainSeconds',
  'maxDurationSeconds',
]);

const KEYS = optionKeys.filter((key) => !OTHER_RUNS.has(key));

/** Variables and configuration may also bound how many documents a run asks. */
const READ_KEYS: readonly OptionKey[] = [...KEYS, 'once', 'limit'];

/** `sluice plan`: what a run would do, cost and take. */
export function planCommand(context: CommandContext): Command {
  const needs = (asked: Asked, flags: GivenFlags): void => {
    const mistakes = new Mistakes();
    mistakes.check(() => pilotOf(flags));
    mistakes.check(() => needsWorkspace(asked));
    mistakes.check(() => requireRecipesAndModel(asked, () => context.clock.now()));
    mistakes.throwIfAny();
  };
  return {
    name: 'plan',
    describe: 'Tell what a run would do now: documents, tokens, cost and time; nothing is sent without --pilot',
    examples: ['plan --root papers', 'plan --pilot 8 --root papers'],
    flags: () => ({
      ...yargsOptions(KEYS),
      pilot: {
        type: 'string',
        describe: 'Ask so many documents first, of all sizes, for good, and estimate the others by what they came to',
      },
    }),
    needs,
    run: async (flags) => {
      // A plan is that of a run with --once: a limit counts.
      const asked = commandOptions({ ...flags, once: true }, context, READ_KEYS, needs);
      const pilot = pilotOf(flags);
      const { plan, priceNote, exitCode } = await withApi(resolveApi(asked.options.api), context.version, (open) =>
        planRun(open, asked, pilot, context),
      );
      const { json, api, include, exclude } = asked.options;
      const isNothing = Object.values(plan.documents).every((count) => count === 0);
      const text = [
        planText(plan, api === 'simulator'),
        ...(priceNote === null || plan.documents.asked === 0 ? [] : [visible(priceNote)]),
        ...(isNothing && include.length + exclude.length > 0
          ? ['No document is chosen by --include and --exclude.']
          : []),
      ];
      if (json) context.stdout.write(`${visibleJson(JSON.stringify(plan))}\n`);
      else writeText(context.stdout, text.join('\n'));
      return exitCode;
    },
  };
}

function pilotOf(flags: GivenFlags): number | null {
  const text = argumentOf(flags, 'pilot');
  if (text === null) return null;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new UsageError(notTaken('--pilot', text, 'a whole number from 1'));
}

/** Exit codes of a run that ended by itself: all done, some failed, some pending. */
const ENDED_BY_ITSELF: ReadonlySet<number> = new Set([0, 3, 7]);

/**
 * What a run with these options would do and cost. With `pilot`, so many documents are asked first, for good, and the
 * plan is about the others; if that is stopped, the exit code is that of its run. Throws a UsageError or DiskError.
 */
async function planRun(
  api: Api,
  asked: Asked,
  pilot: number | null,
  context: ProcessContext,
): Promise<{ readonly plan: Plan; readonly priceNote: string | null; readonly exitCode: number }> {
  const { options } = asked;
  const { clock } = context;
  const recipes = loadRecipes(asked, () => clock.now());
  refuseCollisions({ ...options, recipes, folder: join(options.root, 'recipes') });
  let requested: Promise<Catalogue | null> | undefined;
  const client = freeClient(api, asked, context);
  const catalogue = (): Promise<Catalogue | null> => (requested ??= requestCatalogue(client));
  const listed = options.pricePrompt === null ? await catalogue() : null;
  const prices = await pricesIn(listed, { ...options, maxCostUsd: null }, { api, clock });
  const priceNote = priceLine(prices, options.model, clock.wall());
  const pricingOf = (model: string): Pricing => {
    const price = prices.of(model);
    if (price !== null) return { price, priceUnknown: null };
    if (listed === null) return { price, priceUnknown: 'no-list' };
    return { price, priceUnknown: listed.model(model) === null ? 'unlisted' : 'unpriced' };
  };
  const sources = {
    recipes,
    api: api.identity,
    models: createModels(api, catalogue),
    converter: createConverter({ worker: CONVERT_WORKER, pdf: unsaidPdfEngine(api) }),
    pricingOf,
  };
  const planAfter = (ran: PilotRun | null): Promise<WorkPlan> =>
    planWork(options, { ...sources, pilot: ran, now: new Date(clock.wall()) });

  const before = await planAfter(null);
  if (pilot !== null && before.asked.length === 0) {
    const noRecipe = before.plan.recipes.find(({ name }) => name === '');
    if (noRecipe !== undefined) throw new UsageError(noRecipe.reason);
  }
  if (pilot === null || before.asked.length === 0) return { plan: before.plan, priceNote, exitCode: 0 };

  const documents = spreadOverSizes(before.asked, pilot);
  const startedAt = new Date(clock.wall()).toISOString();
  const prepared = prepare({ ...asked, options: { ...options, once: true, json: false } }, () => clock.now());
  // Its summary is for people: with `--json`, only the plan goes to stdout.
  const stdout = options.json ? new PassThrough().resume() : context.stdout;
  const only = new Set(documents.map(({ id }) => id));
  const exitCode = await follow(() => run({ prepared, context, only }), prepared, { ...context, stdout });
  const stopped = !ENDED_BY_ITSELF.has(exitCode);
  const after = await planAfter({ documents, startedAt, stopped });
  return { plan: after.plan, priceNote, exitCode: stopped ? exitCode : 0 };
}

interface WorkPlan {
  readonly plan: Plan;
  /** The documents that would be asked, without those that were found to be refused. */
  readonly asked: readonly DocumentRef[];
}

export interface PlanSources {
  /** The recipes that a run would use. */
  readonly recipes: Recipes;
  /** The API's base URL, or `simulator`. */
  readonly api: string;
  readonly models: Models;
  readonly converter: Converter;
  readonly pricingOf: (model: string) => Pricing;
  readonly now: Date;
  /** The pilot that just ran; null if none did. */
  readonly pilot: PilotRun | null;
}

/** What a run would do, cost and take now. Nothing is sent or written. Throws a UsageError or DiskError. */
export function planWork(options: Options, sources: PlanSources): Promise<WorkPlan> {
  const { root, inbox, outbox, failed, redo, maxBytes, concurrency, rpm, tpm } = options;
  const { recipes, converter, pricingOf } = sources;
  const priceOf = (model: string): Pricing['price'] => pricingOf(model).price;
  return readWorkspace(root, async (reader) => {
    const folders = lookIntoFolders(outbox, failed);
    const since = redo === 'all' ? unfinishedRedo(ledgerFolderOf(root)) : null;
    const redone = (since === null ? null : reader?.askedSince(since)) ?? new Set();
    const survey = { ...options, asked: redone, folders, recipes, converter, now: sources.now.getTime() };
    const found = planDocuments(reader, survey);
    const { known, answersOf } = readPlanHistory(reader);
    const answered = redo === 'all' ? new Map() : known;
    const toAsk = await withoutReused(found.work, { inbox, maxBytes, converter, redo, known: answered });
    // The tokenizer is loaded only if there is something to count.
    const estimates =
      toAsk.length === 0
        ? []
        : await estimatePrompts(toAsk, { ...options, ...sources, countTokens: await loadTokenCounter() });

    const asked = total(estimates, ({ documents }) => documents);
    const refusals = new Map(found.refusals);
    for (const [code, count] of estimates.flatMap((kind) => [...kind.refusals]))
      refusals.set(code, (refusals.get(code) ?? 0) + count);
    const refused = total([...refusals.values()], (count) => count);
    const kinds = estimates.filter(({ documents }) => documents > 0);
    const estimate = sumUpPlan(kinds, options, sources, answersOf);
    const atOnce = concurrency === 'auto' || rpm !== null || tpm !== null ? null : concurrency;
    const pilot = sources.pilot && reader && readPilot(reader, sources.pilot, asked, { atOnce, priceOf });
    const costUsd = pilot === null ? estimate.costUsd : (pilot.estimate?.costUsd ?? null);
    const plan = {
      documents: { asked, reused: found.work.length - toAsk.length, ...found.counts, refused },
      refusals: Object.fromEntries(refusals),
      leftOut: kinds.flatMap(({ leftOut }) => leftOut).reduce(withLeftOut, NOTHING_LEFT_OUT),
      recipes: found.recipes,
      unmatched: found.unmatched,
      ...estimate,
      budget: budgetFor(asked, costUsd?.likely ?? null, options),
      pilot,
    };
    return { plan, asked: estimates.flatMap((kind) => kind.asked) };
  });
}

function budgetFor(documents: number, costUsd: number | null, { maxCostUsd }: Options): Plan['budget'] {
  if (maxCostUsd === null) return null;
  if (costUsd === null) return { maxCostUsd, documents: null };
  const fits = costUsd <= maxCostUsd;
  return { maxCostUsd, documents: fits ? documents : Math.floor((documents * maxCostUsd) / costUsd) };
}
