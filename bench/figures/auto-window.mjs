import { everySecond, loadChart } from '../support/load.mjs';
import { startSimulator } from '../support/simulator.mjs';
import { runOnce } from '../support/sluice.mjs';
import { createWorkspace } from '../support/workspace.mjs';

const WINDOW = { calls: 50, seconds: 5 };
const POSSIBLE = WINDOW.calls / WINDOW.seconds;

export const autoWindow = {
  name: 'auto-window',
  what: '`auto` against a sliding-window limit of 50 calls per 5 s with Retry-After, 100 ms in flight, 3,000 documents: goodput over the limit; rejected calls',
  target: '0.95 or more; 5 % or less',
  isLong: true,
  async measure(bench) {
    const workspace = createWorkspace(bench, bench.scaled(3000));
    const simulator = await startSimulator(bench, { latency: 0.1, window: WINDOW });
    const run = await runOnce(bench, workspace, simulator, '--concurrency', 'auto');
    const { calls, refused, seconds: counted } = await simulator.load();
    await simulator.stop();
    const seconds = everySecond(counted);
    const possible = [0, seconds.length - 1].map((second) => [second, POSSIBLE]);
    const title = `auto against ${WINDOW.calls} calls in any ${WINDOW.seconds} s`;
    const goodput = workspace.documents / run.seconds;
    return {
      measured: `${(goodput / POSSIBLE).toFixed(3)}; ${((refused / calls) * 100).toFixed(1)} %`,
      raw: `${run.seconds.toFixed(1)} s for ${calls} calls, ${refused} of them refused`,
      plots: { 'auto-window': loadChart({ title, seconds, best: possible }) },
    };
  },
};
