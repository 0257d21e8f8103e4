import { PassThrough } from 'node:stream';
import { type Api, resolveApi } from '../llm/api.ts';
import type { Catalogue } from '../llm/catalogue.ts';
import { findKey } from '../llm/key.ts';
import type { PilotRun } from '../queries/plan-pilot.ts';
import { type Pricing, planWork, type WorkPlan } from '../queries/plan-work.ts';
import { spreadOverSizes } from '../queries/spread-over-sizes.ts';
import type { Plan } from '../report/plan.ts';
import { askForCatalogue } from './ask-for-catalogue.ts';
import { findPrices } from './find-prices.ts';
import { loadRecipes } from './load-recipes.ts';
import { type Asked, prepare, requireModel } from './prepare.ts';
import { runOnce } from './run-once.ts';
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
  const recipes = await loadRecipes(options, api);
  const pricing = await findPrice(asked, api, surroundings);
  const planAfter = (run: PilotRun | null): Promise<WorkPlan> =>
    planWork(options, { recipes, pricing, pilot: run, now: new Date(clock.wall()) });

  const before = await planAfter(null);
  if (pilot === null || before.asked.length === 0) return { plan: before.plan, exitCode: 0 };

  const documents = spreadOverSizes(before.asked, pilot);
  const startedAt = new Date(clock.wall()).toISOString();
  const exitCode = await runPilot(asked, new Set(documents.map(({ id }) => id)), surroundings);
  const stopped = !CAME_TO_ITS_END.has(exitCode);
  const after = await planAfter({ documents, startedAt, stopped });
  return { plan: after.plan, exitCode: stopped ? exitCode : 0 };
}

/** Of the run's model: by flag, else what the API tells. */
async function findPrice(asked: Asked, api: Api, { version }: Surroundings): Promise<Pricing> {
  const { options } = asked;
  const given = await findPrices({ ...options, maxCostUsd: null }, () => Promise.resolve(null));
  const catalogue = given.of(options.model) === null ? await askApi(asked, api, version) : null;
  const price = given.of(options.model) ?? catalogue?.price(options.model) ?? null;
  if (price !== null) return { price, priceUnknown: null };
  if (catalogue === null) return { price, priceUnknown: 'no-list' };
  return { price, priceUnknown: catalogue.model(options.model) === null ? 'unlisted' : 'unpriced' };
}

/** The list of models is free, and needs no key; the simulator runs as long as it is asked. */
async function askApi({ options, environment }: Asked, api: Api, version: string): Promise<Catalogue | null> {
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
  const prepared = await prepare({ ...asked, options: { ...options, once: true, json: false } });
  if (prepared.key !== null) surroundings.secrets.add(prepared.key);
  const stdout = options.json ? new PassThrough().resume() : surroundings.stdout;
  return await runOnce(prepared, { ...surroundings, stdout }, { only });
}
