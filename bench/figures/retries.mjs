import { inTurn } from '../support/in-turn.mjs';
import { startSimulator } from '../support/simulator.mjs';
import { runOnce } from '../support/sluice.mjs';
import { describe } from '../support/statistics.mjs';
import { createWorkspace } from '../support/workspace.mjs';

const LATENCY = 0.2;
const CONCURRENCY = 20;
const FLAGS = ['--concurrency', CONCURRENCY, '--retry-delay', '0.5', '--retries', '10'];
/**
 * Which attempts fail is drawn. A document that fails six times in a row late in a draw waits alone at the end, 24 s in the
 * mean: one draw says more of itself than of the program.
 */
const SEEDS = [1, 2, 3];

export const retries = {
  name: 'retries',
  what: '20 % of attempts answered 500, retry delay 0.5 s, `--retries 10`, 10,000 documents, latency 200 ms, concurrency 20: wall time over (attempts x latency / concurrency), of three draws',
  target: '1.12 or less',
  isLong: true,
  async measure(bench) {
    const draws = await inTurn(SEEDS.length, (index) => measureDraw(bench, SEEDS[index]));
    return {
      measured: describe(
        draws.map(({ seconds, ideal }) => seconds / ideal),
        3,
      ),
      raw: draws
        .map(
          ({ seed, seconds, ideal, attempts }) =>
            `seed ${seed}: ${seconds.toFixed(2)} s for ${attempts} attempts, ideal ${ideal.toFixed(2)} s`,
        )
        .join('; '),
    };
  },
};

async function measureDraw(bench, seed) {
  const workspace = createWorkspace(bench, bench.scaled(10_000));
  const simulator = await startSimulator(bench, {
    seed,
    latency: LATENCY,
    faults: [{ kind: 'status', status: 500, share: 0.2 }],
  });
  const { seconds, summary } = await runOnce(bench, workspace, simulator, ...FLAGS);
  await simulator.stop();
  return { seed, seconds, attempts: summary.attempts, ideal: (summary.attempts * LATENCY) / CONCURRENCY };
}
