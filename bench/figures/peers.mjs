import { barChart } from '../support/bar-chart.mjs';
import { inTurn } from '../support/in-turn.mjs';
import { markdownTable } from '../support/markdown-table.mjs';
import { allPeers, BY_HAND, FLOOR } from '../support/peers.mjs';
import { runPeer } from '../support/run-peer.mjs';
import { startSimulator } from '../support/simulator.mjs';
import { runOnce } from '../support/sluice.mjs';
import { describe, median } from '../support/statistics.mjs';
import { createWorkspace } from '../support/workspace.mjs';

const CONCURRENCY = 50;
const DOCUMENTS = 5000;
const COLUMNS = [
  'program',
  'versions',
  'wall, s',
  'wall over the floor',
  'CPU, s per 1,000 documents',
  'peak memory, MB',
];

const SLUICE = { name: 'sluice', versions: 'this build, `--no-stream`' };

/** Wall and CPU seconds, and peak memory. */
async function run(bench, program, workspace, simulator) {
  workspace.forget();
  return program === SLUICE
    ? await runOnce(bench, workspace, simulator, '--no-stream', '--concurrency', CONCURRENCY)
    : await runPeer(bench, program, workspace, simulator, CONCURRENCY);
}

/** Round after round, so that what else the machine does strikes all alike. */
async function measureAll(bench, programs) {
  const workspace = createWorkspace(bench, bench.scaled(DOCUMENTS));
  const simulator = await startSimulator(bench);
  const rounds = await inTurn(bench.runs, (round) => {
    const inThisRound = programs.filter(({ isSlow }) => !isSlow || round === 0);
    return inTurn(inThisRound.length, async (index) => {
      const figures = await run(bench, inThisRound[index], workspace, simulator);
      return { name: inThisRound[index].name, ...figures };
    });
  });
  await simulator.stop();
  return programs.map(({ name, versions }) => {
    const runs = rounds.flat().filter((figures) => figures.name === name);
    return {
      name,
      versions,
      seconds: runs.map(({ seconds }) => seconds),
      cpu: runs.map(({ cpuSeconds }) => (cpuSeconds * 1000) / workspace.documents),
      memory: runs.map(({ peakMegabytes }) => peakMegabytes),
    };
  });
}

function tableOf(results, absent) {
  const floor = median(results.find(({ name }) => name === FLOOR.name).seconds);
  const rows = results.map(({ name, versions, seconds, cpu, memory }) => {
    const overFloor = (median(seconds) / floor).toFixed(2);
    return [name, versions, describe(seconds), overFloor, describe(cpu), describe(memory, 0)];
  });
  return markdownTable(COLUMNS, [...rows, ...absent.map(({ name, missing }) => [name, missing, '', '', '', ''])]);
}

function chart(title, unit, results, valuesOf) {
  const bars = results.map((result) => ({
    label: result.name,
    value: median(valuesOf(result)),
    isOurs: result.name === SLUICE.name,
  }));
  return barChart({ title, unit, bars });
}

export const peers = {
  name: 'peers',
  what: 'the work of `overhead` by each peer: CPU seconds per 1,000 documents over those of p-queue + axios; wall time over its',
  target: '1.00 or less; 1.00 or less',
  async measure(bench) {
    const programs = [...allPeers(bench), SLUICE];
    const results = await measureAll(
      bench,
      programs.filter(({ missing }) => missing === undefined),
    );
    const [sluice, byHand] = [SLUICE, BY_HAND].map((wanted) => results.find(({ name }) => name === wanted.name));
    const over = (figure) => (median(sluice[figure]) / median(byHand[figure])).toFixed(2);
    const byRound = (figure) => describe(sluice[figure].map((value, round) => value / byHand[figure][round]));
    return {
      measured: `${over('cpu')}; ${over('seconds')}`,
      raw: [
        `CPU: sluice ${describe(sluice.cpu)} s, p-queue + axios ${describe(byHand.cpu)} s, by round ${byRound('cpu')}`,
        `wall: ${describe(sluice.seconds)} s, ${describe(byHand.seconds)} s, by round ${byRound('seconds')}`,
      ].join('; '),
      details: tableOf(
        results,
        programs.filter(({ missing }) => missing !== undefined),
      ),
      plots: {
        'peers-wall': chart('Wall time, 5,000 documents', 's', results, ({ seconds }) => seconds),
        'peers-cpu': chart('CPU time per 1,000 documents', 's', results, ({ cpu }) => cpu),
      },
    };
  },
};
