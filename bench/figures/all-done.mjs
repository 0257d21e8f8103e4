import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inTurn } from '../support/in-turn.mjs';
import { finish } from '../support/large-inbox.mjs';
import { launch } from '../support/processes.mjs';
import { runOverDone } from '../support/sluice.mjs';
import { describe, median } from '../support/statistics.mjs';
import { createWorkspace } from '../support/workspace.mjs';

const READER = fileURLToPath(new URL('../read-ledger.mjs', import.meta.url));

async function findSeconds(bench, folder) {
  const args = [folder, '-type', 'f', '-printf', '%p %s %T@\\n'];
  const { code, seconds, complaint } = await launch(bench, args, 'find').ended;
  if (code !== 0) throw new Error(`find ended with ${code}: ${complaint}`);
  return seconds;
}

async function readSeconds(bench, { root, documents }) {
  const { code, stdout, complaint } = await launch(bench, [READER, join(root, '.sluice', 'ledger.db')]).ended;
  if (code !== 0) throw new Error(`the reader of the ledger ended with ${code}: ${complaint}`);
  const { rows, seconds } = JSON.parse(stdout);
  if (rows !== documents) throw new Error(`the ledger has ${rows} rows for ${documents} documents`);
  return seconds;
}

export const allDone = {
  name: 'all-done',
  what: '200,000 documents in the inbox, all done: time of `--once` over that of `find -type f -printf` of the inbox and a full read of the table of documents in the ledger; peak memory',
  target: '3.0 or less; 300 MB',
  isLong: true,
  async measure(bench) {
    const { workspace, simulator } = await finish(bench, createWorkspace(bench, bench.scaled(200_000)));
    const look = async () => ({
      find: await findSeconds(bench, workspace.inbox),
      read: await readSeconds(bench, workspace),
      once: await runOverDone(bench, workspace, simulator),
    });
    await look(); // warms the file cache
    const looks = await inTurn(bench.runs, look);
    await simulator.stop();
    const [find, read] = ['find', 'read'].map((name) => looks.map((each) => each[name]));
    const once = looks.map((each) => each.once.seconds);
    const peaks = looks.map((each) => each.once.peakMegabytes);
    return {
      measured: `${(median(once) / (median(find) + median(read))).toFixed(2)}; ${median(peaks).toFixed(0)} MB`,
      raw: `sluice ${describe(once)} s; find ${describe(find)} s; ledger ${describe(read)} s; peak ${describe(peaks, 0)} MB`,
    };
  },
};
