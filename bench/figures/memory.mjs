import { inTurn } from '../support/in-turn.mjs';
import { finish, finishLargeInbox } from '../support/large-inbox.mjs';
import { describe, median } from '../support/statistics.mjs';
import { createWorkspace } from '../support/workspace.mjs';

/** Peak memory, MB, of a `--once` run over 1,000 pending documents. */
async function peakOfFew(bench) {
  const { simulator, whole } = await finish(bench, createWorkspace(bench, 1000));
  await simulator.stop();
  return whole.peakMegabytes;
}

export const memory = {
  name: 'memory',
  what: 'peak memory of `--once` at 100,000 pending documents over that at 1,000',
  target: '2.0 or less',
  isLong: true,
  async measure(bench) {
    const few = await inTurn(bench.runs, () => peakOfFew(bench));
    const many = (await finishLargeInbox(bench)).whole.peakMegabytes;
    return {
      measured: (many / median(few)).toFixed(2),
      raw: `${many.toFixed(0)} MB; at 1,000 ${describe(few, 0)} MB`,
    };
  },
};
