import { runFloor } from '../support/floor.mjs';
import { inTurn } from '../support/in-turn.mjs';
import { startSimulator } from '../support/simulator.mjs';
import { runOnce } from '../support/sluice.mjs';
import { describe, median } from '../support/statistics.mjs';
import { createWorkspace } from '../support/workspace.mjs';

const LATENCY = [0.1, 0.3];
const CONCURRENCY = 100;

export const latency = {
  name: 'latency',
  what: '2,000 documents of 2 kB, latency 100 to 300 ms, concurrency 100: wall time over (documents x mean latency / concurrency)',
  target: '1.20 or less',
  async measure(bench) {
    const workspace = createWorkspace(bench, bench.scaled(2000));
    const simulator = await startSimulator(bench, { latency: LATENCY });
    const ideal = (workspace.documents * median(LATENCY)) / CONCURRENCY;
    const floor = await runFloor(bench, workspace, simulator, CONCURRENCY);
    const seconds = await inTurn(bench.runs, async () => {
      workspace.forget();
      return (await runOnce(bench, workspace, simulator, '--concurrency', CONCURRENCY)).seconds;
    });
    await simulator.stop();
    workspace.remove();
    return {
      measured: describe(seconds.map((wall) => wall / ideal)),
      raw: `ideal ${ideal.toFixed(2)} s; sluice ${describe(seconds)} s; bare loop ${floor.toFixed(2)} s = ${(floor / ideal).toFixed(2)}`,
    };
  },
};
