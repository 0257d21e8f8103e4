import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import type { CommandModule } from 'yargs';
import { UsageError } from '../../domain/errors.ts';
import type { OptionKey } from '../../domain/options.ts';
import { CONVERT_WORKER, createConverter } from '../../inbox/convert/converter.ts';
import { type Api, resolveApi } from '../../llm/api.ts';
import type { Catalogue } from '../../llm/catalogue.ts';
import { findKey } from '../../llm/key.ts';
import { createModels } from '../../llm/models.ts';
import { findPrices, requestCatalogue } from '../../run/money.ts';
import { runOnce } from '../../run/once.ts';
import { withApi } from '../../run/open-api.ts';
import { type Asked, loadRecipes, type ProcessContext, prepare, requireModel } from '../../run/prepare.ts';
import { refuseCollisions } from '../../run/refuse-collisions.ts';
import { argumentOf, type CommandContext, commandOptions } from '../command.ts';
import { optionKeys, yargsOptions } from '../options/table.ts';
import type { Pricing } from './estimate.ts';
import type { PilotRun } from './pilot.ts';
import type { Plan } from './plan.ts';
import { spreadOverSizes } from './prompts.ts';
import { planText } from './text.ts';
import { planWork, type WorkPlan } from './work.ts';

/** Those of a run, without what makes it another kind of run. */
const KEYS: readonly OptionKey[] = optionKeys.filter(
  (key) =>
    !(['once', 'test', 'limit', 'truncateCharacters', 'rescanSeconds', 'lookAgainSeconds'] as string[]).includes(key),
);

/** `sluice plan`: what a run would do, cost and take. */
export function planCommand(context: CommandContext, finish: (exitCode: number) => void): CommandModule {
  return {
    command: 'plan',
    describe: 'Tell what a run would do now: documents, tokens, cost and time; nothing is sent without --pilot',
    builder: (yargs) =>
      yargs.options(yargsOptions(KEYS)).option('pilot', {
        type: 'string',
        describe: 'Ask so many documents first, of all sizes, for good, and estimate the others by what they came to',
      }),
    handler: async (flags) => {
      const asked = commandOptions(flags, context, KEYS);
      const outcome = await plan(asked, pilotOf(flags), context);
      finish(outcome.exitCode);
      const { json, api } = asked.options;
      context.stdout.write(`${json ? JSON.stringify(outcome.plan) : planText(outcome.plan, api === 'simulator')}\n`);
    },
  };
}

function pilotOf(flags: Readonly<Record<string, unknown>>): number | null {
  const text = argumentOf(flags, 'pilot');
  if (text === null) return null;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new UsageError(`--pilot does not take ${JSON.stringify(text)}: it takes a whole number from 1`);
}

/** A plan, also after a pilot that was stopped: then the exit code is that of its run. */
interface PlanOutcome {
  readonly plan: Plan;
  readonly exitCode: number;
}

/** Exit codes of a run that ended by itself: all done, some failed, some pending. */
const ENDED_BY_ITSELF: ReadonlySet<number> = new Set([0, 3, 7]);

/**
 * What a run with these options would do and cost. With `pilot`, so many documents are asked first, for good, and the
 * plan is about the others.
 *
 * @throws UsageError, DiskError
 */
async function plan(asked: Asked, pilot: number | null, context: ProcessContext): Promise<PlanOutcome> {
  const { options, given } = asked;
  const { clock } = context;
  const api = resolveApi(options.api);
  requireModel(api, given);
  const recipes = loadRecipes(options, api, () => clock.now());
  refuseCollisions({ inbox: options.inbox, recipes, folder: join(options.root, 'recipes'), file: options.recipe });
  const catalogue = once(() => requestModels(asked, api, context));
  const sources = {
    recipes,
    api: api.identity,
    models: createModels(api, catalogue),
    converter: createConverter({ worker: CONVERT_WORKER, truncate: options.truncateCharacters }),
    pricingOf: await findPricing(options, catalogue),
  };
  const planAfter = (run: PilotRun | null): Promise<WorkPlan> =>
    planWork(options, { ...sources, pilot: run, now: new Date(clock.wall()) });

  const before = await planAfter(null);
  if (pilot === null || before.asked.length === 0) return { plan: before.plan, exitCode: 0 };

  const documents = spreadOverSizes(before.asked, pilot);
  const startedAt = new Date(clock.wall()).toISOString();
  const exitCode = await runPilot(asked, new Set(documents.map(({ id }) => id)), context);
  const stopped = !ENDED_BY_ITSELF.has(exitCode);
  const after = await planAfter({ documents, startedAt, stopped });
  return { plan: after.plan, exitCode: stopped ? exitCode : 0 };
}

/** What models cost: by flag, else what the API tells. */
async function findPricing(
  options: Asked['options'],
  list: () => Promise<Catalogue | null>,
): Promise<(model: string) => Pricing> {
  const given = await findPrices({ ...options, maxCostUsd: null }, () => Promise.resolve(null));
  const catalogue = given.of(options.model) === null ? await list() : null;
  return (model) => {
    const price = given.of(model) ?? catalogue?.price(model) ?? null;
    if (price !== null) return { price, priceUnknown: null };
    if (catalogue === null) return { price, priceUnknown: 'no-list' };
    return { price, priceUnknown: catalogue.model(model) === null ? 'unlisted' : 'unpriced' };
  };
}

function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  return () => {
    answer ??= ask();
    return answer;
  };
}

/** The list of models is free, and needs no key. */
function requestModels(
  { options, environment }: Asked,
  api: Api,
  { version }: ProcessContext,
): Promise<Catalogue | null> {
  const key = api.name === 'simulator' ? null : findKey(api, environment, options.apiKeyFile);
  return withApi(api, (open) => requestCatalogue({ ...options, api: open, key, connections: 1, version }));
}

/** Its summary is for people: with `--json`, stdout is the plan's alone. */
async function runPilot(asked: Asked, only: ReadonlySet<string>, context: ProcessContext): Promise<number> {
  const { options } = asked;
  const prepared = prepare({ ...asked, options: { ...options, once: true, json: false } }, () => context.clock.now());
  if (prepared.key !== null) context.secrets.add(prepared.key);
  const stdout = options.json ? new PassThrough().resume() : context.stdout;
  return await runOnce(prepared, { ...context, stdout }, { only });
}
