import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { calm, cpuOver } from '../support/calm.mjs';
import { inTurn } from '../support/in-turn.mjs';
import { finishLargeInbox } from '../support/large-inbox.mjs';
import { poll } from '../support/poll.mjs';
import { startDaemon } from '../support/sluice.mjs';
import { documentText } from '../support/workspace.mjs';

const RESCAN = 60;
const DROPS = 100;
const DROP_EVERY_MS = 100;

async function drop(workspace) {
  const names = await inTurn(DROPS, async (index) => {
    const name = `dropped-${index}.txt`;
    writeFileSync(join(workspace.inbox, name), documentText(workspace.documents + index));
    await setTimeout(DROP_EVERY_MS);
    return name;
  });
  await poll('dropped files are answered', () => names.every(workspace.hasResult), { everyMs: 500 });
}

export const idle = {
  name: 'idle',
  what: '100,000 files in the inbox, all done, idle daemon: CPU share over a minute with `--rescan 60`; CPU time per dropped file',
  target: '3 %; 30 ms',
  isLong: true,
  async measure(bench) {
    const { workspace, simulator } = await finishLargeInbox(bench);
    const daemon = startDaemon(bench, workspace, simulator, '--rescan', RESCAN);
    await calm(daemon.pid, 10);
    // Both windows are one rescan long, so each has one rescan in it and the difference has none.
    const still = await cpuOver(daemon.pid, RESCAN);
    const busy = await cpuOver(daemon.pid, RESCAN, () => drop(workspace));
    await daemon.stop();
    const perFile = ((busy.cpu - still.cpu) / DROPS) * 1000;
    return {
      measured: `${((still.cpu / still.seconds) * 100).toFixed(1)} %; ${perFile.toFixed(1)} ms`,
      raw: `CPU over ${RESCAN} s: ${still.cpu.toFixed(2)} s idle, ${busy.cpu.toFixed(2)} s with ${DROPS} files dropped`,
    };
  },
};
