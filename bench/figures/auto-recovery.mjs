import { setTimeout } from 'node:timers/promises';
import { everySecond, loadChart } from '../support/load.mjs';
import { recoverySeconds } from '../support/recovery.mjs';
import { startSimulator } from '../support/simulator.mjs';
import { startOnce } from '../support/sluice.mjs';
import { createWorkspace } from '../support/workspace.mjs';

const LATENCY = 0.2;
const CAPACITIES = [40, 10, 40];
/** Seconds of each capacity. */
const PHASE = 30;

const bestOf = (capacity) => capacity / LATENCY;

const inWords = (seconds) => (Number.isFinite(seconds) ? `${seconds} s` : 'never');

/** Changes the capacity phase by phase, and gives what the simulator counted, second by second. */
async function runPhases(simulator, phase) {
  const start = performance.now();
  await simulator.forgetLoad();
  for (const [index, capacity] of CAPACITIES.entries()) {
    // oxlint-disable no-await-in-loop -- one phase after the other
    if (index > 0) await simulator.follow({ latency: LATENCY, capacity });
    await setTimeout(start + (index + 1) * phase * 1000 - performance.now());
    // oxlint-enable no-await-in-loop
  }
  return everySecond((await simulator.load()).seconds);
}

export const autoRecovery = {
  name: 'auto-recovery',
  what: '`auto` when capacity falls from 40 to 10, and when it returns: seconds to be back at 90 % of the best',
  target: '10 s; 10 s',
  async measure(bench) {
    const phase = bench.scaled(PHASE);
    const documents = CAPACITIES.reduce((sum, capacity) => sum + bestOf(capacity) * phase, 0);
    const workspace = createWorkspace(bench, Math.ceil(documents * 1.1));
    const simulator = await startSimulator(bench, { latency: LATENCY, capacity: CAPACITIES[0] });
    const sluice = startOnce(bench, workspace, simulator, '--concurrency', 'auto');
    const seconds = await runPhases(simulator, phase);
    await sluice.stop('SIGKILL');
    await simulator.stop();
    const [climbed, fell, returned] = CAPACITIES.map((capacity, index) =>
      recoverySeconds(seconds, { from: index * phase, until: (index + 1) * phase, best: bestOf(capacity) }),
    );
    const possible = CAPACITIES.flatMap((capacity, index) => [
      [index * phase, bestOf(capacity)],
      [(index + 1) * phase, bestOf(capacity)],
    ]);
    const marks = [
      { x: phase, label: 'falls' },
      { x: 2 * phase, label: 'returns' },
    ];
    const title = 'auto when 40 at once become 10 and 40 again';
    return {
      measured: `${inWords(fell)} after the fall; ${inWords(returned)} after the return`,
      raw: `${inWords(climbed)} after the start of the program; back: the next five seconds bring 90 % in the mean; whole seconds`,
      plots: { 'auto-recovery': loadChart({ title, seconds, best: possible, marks }) },
    };
  },
};
