import { inTurn } from '../support/in-turn.mjs';
import { everySecond, loadChart } from '../support/load.mjs';
import { startSimulator } from '../support/simulator.mjs';
import { runOnce } from '../support/sluice.mjs';
import { describe } from '../support/statistics.mjs';
import { createWorkspace } from '../support/workspace.mjs';

const LATENCY = 0.2;
const CAPACITY = 40;
/** The best is one of these: at 40 a call may reach the server before the end of another one is counted there. */
const FIXED = [36, 38, 40];
const POSSIBLE = CAPACITY / LATENCY;

async function runWith(bench, workspace, concurrency) {
  workspace.forget();
  const simulator = await startSimulator(bench, { latency: LATENCY, capacity: CAPACITY });
  const { seconds } = await runOnce(bench, workspace, simulator, '--concurrency', concurrency);
  const load = await simulator.load();
  await simulator.stop();
  return { concurrency, goodput: workspace.documents / seconds, refusedShare: load.refused / load.calls, load };
}

export const autoCapacity = {
  name: 'auto-capacity',
  what: '`--concurrency auto` against a server that takes 40 at once and answers 429 above it, 4,000 documents, latency 200 ms: goodput over that of the best fixed N; share of rejected calls',
  target: '0.95 or more; 2 % or less',
  async measure(bench) {
    const workspace = createWorkspace(bench, bench.scaled(4000));
    const fixed = await inTurn(FIXED.length, (index) => runWith(bench, workspace, FIXED[index]));
    const autos = await inTurn(bench.runs, () => runWith(bench, workspace, 'auto'));
    const best = Math.max(...fixed.map(({ goodput }) => goodput));
    const seconds = everySecond(autos.at(-1).load.seconds);
    const possible = [0, seconds.length - 1].map((second) => [second, POSSIBLE]);
    const title = `auto against ${CAPACITY} at once, ${LATENCY * 1000} ms`;
    const shares = autos.map(({ goodput }) => goodput / best);
    const refused = autos.map(({ refusedShare }) => refusedShare * 100);
    return {
      measured: `${describe(shares)}; ${describe(refused)} %`,
      raw: [
        `answers a second: auto ${describe(
          autos.map(({ goodput }) => goodput),
          1,
        )}`,
        ...fixed.map(({ concurrency, goodput }) => `${concurrency}: ${goodput.toFixed(1)}`),
        `most in flight ${autos.map(({ load }) => load.mostInFlight).join(', ')}`,
      ].join('; '),
      plots: { 'auto-capacity': loadChart({ title, seconds, best: possible }) },
    };
  },
};
