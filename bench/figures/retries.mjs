import { inTurn } from '../support/in-turn.mjs';
import { startSimulator } from '../support/simulator.mjs';
import { runOnce } from '../support/sluice.mjs';
import { describe } from '../support/statistics.mjs';
import { createWorkspace } from '../support/workspace.mjs';

const LATENCY = 0.2;
const CONCURRENCY = 20;
const FLAGS = ['--concurrency', CONCURRENCY, '--retry-delay', '0.5', '--retries', '10'];

export const retries = {
  name: 'retries',
  what: '20 % of attempts answered 500, retry delay 0.5 s, 2,000 documents, latency 200 ms, concurrency 20: wall time over (attempts x latency / concurrency)',
  target: '1.25 or less',
  async measure(bench) {
    const workspace = createWorkspace(bench, bench.scaled(2000));
    const plan = { latency: LATENCY, faults: [{ kind: 'status', status: 500, share: 0.2 }] };
    const simulator = await startSimulator(bench, plan);
    const runs = await inTurn(bench.runs, async () => {
      workspace.forget();
      const { seconds, summary } = await runOnce(bench, workspace, simulator, ...FLAGS);
      return { seconds, attempts: summary.attempts, ratio: seconds / ((summary.attempts * LATENCY) / CONCURRENCY) };
    });
    await simulator.stop();
    workspace.remove();
    return {
      measured: describe(runs.map((run) => run.ratio)),
      raw: runs.map((run) => `${run.seconds.toFixed(2)} s for ${run.attempts} attempts`).join('; '),
    };
  },
};
