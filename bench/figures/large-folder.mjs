import { setTimeout } from 'node:timers/promises';
import { startAnsweringServer } from '../support/answering-server.mjs';
import { endOfFirstScan, startOverHugeInbox } from '../support/huge-inbox.mjs';
import { inTurn } from '../support/in-turn.mjs';
import { describe } from '../support/statistics.mjs';

const SECONDS_AFTER = 15;

/** Answers a second between two moments. */
function rate(calls, from, until) {
  return (
    (calls.filter(({ ended, answered }) => answered && ended >= from && ended < until).length * 1000) / (until - from)
  );
}

/** Cut off when the run after the scan was long enough. */
async function oneRun(bench) {
  const server = await startAnsweringServer(bench);
  const sluice = startOverHugeInbox(bench, server);
  const scanned = await endOfFirstScan(sluice);
  if (scanned === undefined) throw new Error('the first scan had not ended after four minutes');
  const until = scanned + SECONDS_AFTER * 1000;
  await setTimeout(until - Date.now());
  await sluice.stop('SIGKILL');
  const calls = await server.calls();
  await server.stop();
  const first = Math.min(...calls.slice(0, 100).map(({ came }) => came));
  // Where all is done before, the rate counts to the last answer.
  const last = Math.min(until, Math.max(...calls.slice(-100).map(({ ended }) => ended ?? until)));
  return {
    firstCall: (first - sluice.spawnedAt) / 1000,
    scan: (scanned - first) / 1000,
    during: rate(calls, first, scanned),
    after: rate(calls, scanned, last),
  };
}

export const largeFolder = {
  name: 'large-folder',
  what: '300,000 files in one folder, no latency, concurrency 50: start of the program to its first call; answers a second while the first scan goes on over those after it',
  target: '1.50 s; 0.80 or more',
  isLong: true,
  async measure(bench) {
    const runs = await inTurn(bench.runs, () => oneRun(bench));
    const all = (name, digits) =>
      describe(
        runs.map((run) => run[name]),
        digits,
      );
    return {
      measured: `${all('firstCall')} s; ${describe(runs.map(({ during, after }) => during / after))}`,
      raw: `the scan went on for ${all('scan', 1)} s after the first call; answers a second meanwhile ${all('during', 0)}, in the ${SECONDS_AFTER} s after it ${all('after', 0)}`,
    };
  },
};
