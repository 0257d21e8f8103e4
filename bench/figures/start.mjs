import { secondsToFirstCall } from '../support/first-call.mjs';
import { inTurn } from '../support/in-turn.mjs';
import { finishLargeInbox } from '../support/large-inbox.mjs';
import { describe } from '../support/statistics.mjs';
import { createWorkspace } from '../support/workspace.mjs';

export const start = {
  name: 'start',
  what: 'start of the program to its first call, warm disk: 10 documents in the inbox; 100,000',
  target: '0.50 s; 1.50 s',
  isLong: true,
  async measure(bench) {
    const workspace = createWorkspace(bench, 10);
    await secondsToFirstCall(bench, workspace); // warms the file cache
    const few = await inTurn(bench.runs, () => secondsToFirstCall(bench, workspace));
    const { firstCalls, whole } = await finishLargeInbox(bench);
    return {
      measured: `${describe(few)} s; ${describe(firstCalls)} s`,
      raw: `all ${whole.summary.documents} in ${whole.seconds.toFixed(1)} s, ${(whole.summary.documents / whole.seconds).toFixed(0)} documents a second`,
    };
  },
};
