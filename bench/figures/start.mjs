import { finishLargeInbox } from '../support/large-inbox.mjs';
import { describe } from '../support/statistics.mjs';

export const start = {
  name: 'start',
  what: '100,000 files in the inbox: seconds to the first call; peak memory of `--once`',
  target: '1.5 s; 250 MB',
  async measure(bench) {
    const { firstCalls, whole } = await finishLargeInbox(bench);
    return {
      measured: `${describe(firstCalls)} s; ${whole.peakMegabytes.toFixed(0)} MB`,
      raw: `whole run ${whole.seconds.toFixed(1)} s, ${(whole.summary.documents / whole.seconds).toFixed(0)} documents a second`,
    };
  },
};
