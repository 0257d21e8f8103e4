import { runFloor } from '../support/floor.mjs';
import { inTurn } from '../support/in-turn.mjs';
import { startSimulator } from '../support/simulator.mjs';
import { runOnce } from '../support/sluice.mjs';
import { describe, median } from '../support/statistics.mjs';
import { createWorkspace } from '../support/workspace.mjs';

const CONCURRENCY = 50;

export const overhead = {
  name: 'overhead',
  what: '5,000 documents, no latency, concurrency 50, `--no-stream`: wall time over that of a bare `node:http` loop doing the same work with fsync and rename',
  target: '2.0 or less',
  async measure(bench) {
    const workspace = createWorkspace(bench, bench.scaled(5000));
    const simulator = await startSimulator(bench);
    const floor = async () => {
      workspace.forget();
      return await runFloor(bench, workspace, simulator, CONCURRENCY);
    };
    const sluice = async () => {
      workspace.forget();
      return (await runOnce(bench, workspace, simulator, '--no-stream', '--concurrency', CONCURRENCY)).seconds;
    };
    await floor(); // warms the file cache and the simulator
    const pairs = await inTurn(bench.runs, async () => ({ floor: await floor(), sluice: await sluice() }));
    await simulator.stop();
    workspace.remove();
    const floors = pairs.map((pair) => pair.floor);
    const sluices = pairs.map((pair) => pair.sluice);
    return {
      measured: (median(sluices) / median(floors)).toFixed(2),
      raw: `sluice ${describe(sluices)} s; bare loop ${describe(floors)} s; by pair ${describe(pairs.map((pair) => pair.sluice / pair.floor))}`,
    };
  },
};
