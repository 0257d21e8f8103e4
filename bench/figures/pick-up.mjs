import { mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { calm } from '../support/calm.mjs';
import { inTurn } from '../support/in-turn.mjs';
import { poll } from '../support/poll.mjs';
import { startSimulator } from '../support/simulator.mjs';
import { startDaemon } from '../support/sluice.mjs';
import { describe, median } from '../support/statistics.mjs';
import { createWorkspace, writeDocument } from '../support/workspace.mjs';

const DROPS = 30;

/** Milliseconds from the rename of a finished file into the inbox to the arrival of its call. */
async function pickUpOnce(workspace, simulator, index) {
  const name = `finished-${index}.txt`;
  const elsewhere = join(workspace.root, 'elsewhere', name);
  writeDocument(elsewhere, workspace.documents + index);
  await setTimeout(250 + ((index * 37) % 100)); // uneven, so as not to fall into step with a timer of the daemon
  const renamedAt = Date.now();
  renameSync(elsewhere, join(workspace.inbox, name));
  await poll('a renamed file is answered', () => workspace.hasResult(name));
  const requests = await simulator.requests();
  return requests.at(-1).at - renamedAt;
}

async function pickUps(bench, documents) {
  const workspace = createWorkspace(bench, documents);
  mkdirSync(join(workspace.root, 'elsewhere'));
  const simulator = await startSimulator(bench);
  const daemon = startDaemon(bench, workspace, simulator);
  await poll('what is there is answered', () => workspace.names.every(workspace.hasResult));
  await calm(daemon.pid, 3);
  const delays = await inTurn(DROPS, (index) => pickUpOnce(workspace, simulator, index));
  await daemon.stop();
  await simulator.stop();
  return delays;
}

export const pickUp = {
  name: 'pick-up',
  what: 'a finished file renamed into the inbox of an idle daemon, to its call going out, median',
  target: '150 ms or less',
  async measure(bench) {
    const [few, many] = [await pickUps(bench, 10), await pickUps(bench, bench.scaled(1000))];
    return {
      measured: `${median(few).toFixed(0)} ms; ${median(many).toFixed(0)} ms`,
      raw: `${DROPS} files each, median (best to worst): inbox of 10 ${describe(few, 0)} ms; of 1,000 ${describe(many, 0)} ms`,
    };
  },
};
