import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { firstLine } from './first-line.mjs';
import { inTurn } from './in-turn.mjs';
import { poll } from './poll.mjs';
import { launch } from './processes.mjs';
import { runOnce, startOnce } from './sluice.mjs';
import { createWorkspace } from './workspace.mjs';

const SCRIPT = fileURLToPath(new URL('serve-paced.mjs', import.meta.url));
const SEEDS = [1, 2, 3, 4, 5];

async function startServer(bench, plan) {
  const server = launch(bench, [SCRIPT, JSON.stringify(plan)]);
  const origin = (await firstLine(server)).trim();
  return {
    url: `${origin}/v1`,
    counts: async () => (await fetch(`${origin}/counts`)).json(),
    stop: () => server.stop('SIGKILL'),
  };
}

/** A run that is cut off so many seconds after its first call. */
async function cutOff(bench, workspace, server, flags, seconds) {
  const sluice = startOnce(bench, workspace, server, ...flags);
  await poll('the first call', async () => (await server.counts()).most > 0);
  await setTimeout(seconds * 1000);
  const counts = await server.counts();
  await sluice.stop('SIGKILL');
  return { wall: seconds, ...counts };
}

async function wholeRun(bench, workspace, server, flags) {
  const { seconds: wall } = await runOnce(bench, workspace, server, ...flags);
  return { wall, ...(await server.counts()) };
}

/**
 * Documents against a server of their own with this plan (`serve-paced.mjs`). `wall`: seconds from spawn to exit.
 * `goodput`: answers a second, from the first call to the last answer, as the server saw them.
 */
export async function pacedRun(bench, { documents, plan, concurrency, seconds }) {
  const workspace = createWorkspace(bench, bench.scaled(documents));
  const server = await startServer(bench, plan);
  const flags = ['--concurrency', concurrency, '--no-stream'];
  const run = seconds === undefined ? wholeRun : cutOff;
  const { wall, answered, refused, ...counts } = await run(bench, workspace, server, flags, seconds);
  await server.stop();
  return { wall, answered, goodput: answered / counts.seconds, refused: refused / (answered + refused) };
}

/** `measure(seed)` for each of five seeds, one after another. */
export async function forSeeds(measure) {
  return await inTurn(SEEDS.length, (index) => measure(SEEDS[index]));
}

/** The same at once: for runs that hardly load the machine. */
export async function forSeedsAtOnce(measure) {
  return await Promise.all(SEEDS.map(measure));
}

/** For each seed, goodput over that of the best fixed number of calls, which runs beside it; and the runs. */
export async function besideBest(bench, run, { best, concurrency }) {
  const pairs = await forSeeds(() =>
    Promise.all([best, concurrency].map((calls) => pacedRun(bench, { ...run, concurrency: calls }))),
  );
  return goodputRow(
    pairs.map(([fixed, measured]) => measured.goodput / fixed.goodput),
    pairs.map(([, measured]) => measured),
  );
}

export function list(values, digits = 2) {
  return values.map((value) => value.toFixed(digits)).join(', ');
}

/** A row of shares of the best goodput, and of refused calls: the worst of all, and each. */
export function goodputRow(shares, runs) {
  const refused = runs.map((run) => run.refused * 100);
  return {
    measured: `${Math.min(...shares).toFixed(2)}; ${Math.max(...refused).toFixed(1)} %`,
    raw: `${list(shares)}; refused ${list(refused, 1)} %`,
  };
}
