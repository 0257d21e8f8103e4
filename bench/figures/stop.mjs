import { setTimeout } from 'node:timers/promises';
import { startAnsweringServer } from '../support/answering-server.mjs';
import { endOfFirstScan, startOverHugeInbox } from '../support/huge-inbox.mjs';
import { inTurn } from '../support/in-turn.mjs';
import { describe } from '../support/statistics.mjs';

/** Seconds that a call takes: one ends within the grace; one does not, so that the second signal finds it in flight. */
const [SHORT, LONG] = [1, 300];
const BETWEEN_SIGNALS_MS = 500;

/**
 * Stops a run that has all documents in line, or as many as its scan found in four minutes. `stop` gives the moment from
 * which on the process ought to end.
 */
async function stopRun(bench, latency, stop) {
  const server = await startAnsweringServer(bench, '--latency', latency);
  const sluice = startOverHugeInbox(bench, server);
  await endOfFirstScan(sluice);
  const due = await stop(sluice, server);
  const { code, seconds, complaint } = await sluice.ended;
  await server.stop();
  if (code !== 143) throw new Error(`sluice ended with ${code} after SIGTERM: ${complaint}`);
  return (sluice.spawnedAt + seconds * 1000 - due) / 1000;
}

/** Seconds from the end of the last call that was in flight to that of the process. */
const afterLastCall = (bench) =>
  stopRun(bench, SHORT, async (sluice, server) => {
    const signalled = Date.now();
    await sluice.stop();
    const ends = (await server.calls()).filter(({ answered }) => answered).map(({ ended }) => ended);
    return Math.max(signalled, ...ends);
  });

/** Seconds from a second signal to the end of the process. */
const afterSecondSignal = (bench) =>
  stopRun(bench, LONG, async (sluice) => {
    void sluice.stop();
    await setTimeout(BETWEEN_SIGNALS_MS);
    const signalled = Date.now();
    await sluice.stop();
    return signalled;
  });

export const stop = {
  name: 'stop',
  what: '300,000 documents in line, SIGTERM while 50 calls are in flight: from the end of the last of them to the end of the process; from a second SIGTERM, half a second after the first, to the end of the process',
  target: '2.0 s; 1.0 s',
  isLong: true,
  async measure(bench) {
    const runs = await inTurn(bench.runs, async () => [await afterLastCall(bench), await afterSecondSignal(bench)]);
    const [last, second] = [0, 1].map((index) => runs.map((run) => run[index]));
    return {
      measured: `${describe(last, 1)} s; ${describe(second, 1)} s`,
      raw: `${runs.length} of each; calls of ${SHORT} s, and of ${LONG} s for the second signal`,
    };
  },
};
