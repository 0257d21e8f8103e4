import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { from } from 'rxjs';
import type { Pricing } from '../cli/plan/models.ts';
import type { PilotRun } from '../cli/plan/pilot.ts';
import type { Plan } from '../cli/plan/plan.ts';
import { planWork, type WorkPlan } from '../cli/plan/work.ts';
import { CONVERT_WORKER, createConverter } from '../inbox/convert/converter.ts';
import { type Api, resolveApi } from '../llm/api.ts';
import type { Catalogue } from '../llm/catalogue.ts';
import { findKey } from '../llm/key.ts';
import { createModels } from '../llm/models.ts';
import { spreadOverSizes } from '../queries/spread-over-sizes.ts';
import { askForCatalogue } from './ask-for-catalogue.ts';
import { findPrices } from './find-prices.ts';
import { loadRecipes } from './load-recipes.ts';
import { runOnce } from './once.ts';
import { type Asked, prepare, requireModel } from './prepare.ts';
import { refuseCollisions } from './refuse-collisions.ts';
import type { Surroundings } from './surroundings.ts';

/** A plan, also after a pilot that was stopped: then the exit code is that of its run. */
export interface PlanOutcome {
  readonly plan: Plan;
  readonly exitCode: number;
}

/** A run that ended by itself: all done, some failed, some pending. */
const CAME_TO_ITS_END: ReadonlySet<number> = new Set([0, 3, 7]);

/**
 * What a run with these options would do and cost. With `pilot`, so many documents are asked first, for good, and the
 * plan is about the others.
 *
 * @throws UsageError, DiskTrouble
 */
export async function plan(asked: Asked, pilot: number | null, surroundings: Surroundings): Promise<PlanOutcome> {
  const { options, given } = asked;
  const { clock } = surroundings;
  const api = resolveApi(options.api);
  requireModel(api, given);
  const recipes = loadRecipes(options, api, () => clock.now());
  refuseCollisions({ inbox: options.inbox, recipes, folder: join(options.root, 'recipes'), file: options.recipe });
  const catalogue = askedOnce(() => askApi(asked, api, surroundings));
  const sources = {
    recipes,
    api: api.identity,
    models: createModels(api, () => from(catalogue())),
    converter: createConverter({ worker: CONVERT_WORKER, truncate: options.truncateCharacters }),
    pricingOf: await findPricing(options, catalogue),
  };
  const planAfter = (run: PilotRun | null): Promise<WorkPlan> =>
    planWork(options, { ...sources, pilot: run, now: new Date(clock.wall()) });

  const before = await planAfter(null);
  if (pilot === null || before.asked.length === 0) return { plan: before.plan, exitCode: 0 };

  const documents = spreadOverSizes(before.asked, pilot);
  const startedAt = new Date(clock.wall()).toISOString();
  const exitCode = await runPilot(asked, new Set(documents.map(({ id }) => id)), surroundings);
  const stopped = !CAME_TO_ITS_END.has(exitCode);
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

function askedOnce<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  return () => {
    answer ??= ask();
    return answer;
  };
}

/** The list of models is free, and needs no key; the simulator runs as long as it is asked. */
async function askApi({ options, environment }: Asked, api: Api, { version }: Surroundings): Promise<Catalogue | null> {
  const settings = { ...options, connections: 1, version };
  if (api.name !== 'simulator')
    return await askForCatalogue({ ...settings, api, key: findKey(api, environment, options.apiKeyFile) });

  const { startSimulator } = await import('../simulator/simulator.ts');
  const simulator = await startSimulator({});
  try {
    return await askForCatalogue({ ...settings, api: { ...api, baseUrl: simulator.url }, key: null });
  } finally {
    await simulator.close();
  }
}

/** Its summary is for people: with `--json`, stdout is the plan's alone. */
async function runPilot(asked: Asked, only: ReadonlySet<string>, surroundings: Surroundings): Promise<number> {
  const { options } = asked;
  const prepared = prepare({ ...asked, options: { ...options, once: true, json: false } }, () =>
    surroundings.clock.now(),
  );
  if (prepared.key !== null) surroundings.secrets.add(prepared.key);
  const stdout = options.json ? new PassThrough().resume() : surroundings.stdout;
  return await runOnce(prepared, { ...surroundings, stdout }, { only });
}
