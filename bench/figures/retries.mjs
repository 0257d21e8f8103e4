import { startSimulator } from '../support/simulator.mjs';
import { runOnce } from '../support/sluice.mjs';
import { createWorkspace } from '../support/workspace.mjs';

const LATENCY = 0.2;
const CONCURRENCY = 20;
const FLAGS = ['--concurrency', CONCURRENCY, '--retry-delay', '0.5', '--retries', '10'];

export const retries = {
  name: 'retries',
  what: '20 % of attempts answered 500, retry delay 0.5 s, `--retries 10`, 10,000 documents, latency 200 ms, concurrency 20: wall time over (attempts x latency / concurrency)',
  target: '1.12 or less',
  isLong: true,
  async measure(bench) {
    const workspace = createWorkspace(bench, bench.scaled(10_000));
    const plan = { latency: LATENCY, faults: [{ kind: 'status', status: 500, share: 0.2 }] };
    const simulator = await startSimulator(bench, plan);
    const { seconds, summary } = await runOnce(bench, workspace, simulator, ...FLAGS);
    await simulator.stop();
    const ideal = (summary.attempts * LATENCY) / CONCURRENCY;
    return {
      measured: (seconds / ideal).toFixed(3),
      raw: `${seconds.toFixed(2)} s for ${summary.attempts} attempts; ideal ${ideal.toFixed(2)} s`,
    };
  },
};
