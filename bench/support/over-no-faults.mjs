import { forSeedsAtOnce, list, pacedRun } from './paced-run.mjs';

const RUN = { documents: 400, concurrency: 5 };
const LATENCY = 0.75;

/** Wall time with these shares of calls refused by chance over that without, side by side for each seed. */
export async function measureChance(bench, chance) {
  const pairs = await forSeedsAtOnce((seed) =>
    Promise.all([{ latency: LATENCY }, { latency: LATENCY, chance, seed }].map((plan) => pacedRun(bench, { ...RUN, plan }))),
  );
  const ratios = pairs.map(([good, faulty]) => faulty.wall / good.wall);
  const refused = pairs.map(([, { refused: share }]) => share * 100);
  return { measured: Math.max(...ratios).toFixed(2), raw: `${list(ratios)}; refused ${list(refused, 1)} %` };
}
