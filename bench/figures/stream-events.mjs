import { startAnsweringServer } from '../support/answering-server.mjs';
import { inTurn } from '../support/in-turn.mjs';
import { pairWithFloor } from '../support/pair-with-floor.mjs';
import { describe } from '../support/statistics.mjs';
import { createWorkspace } from '../support/workspace.mjs';

const ANSWERS = 300;
const EVENTS = 500;
/** Slow enough that each event is read by itself, as from a model. */
const EVERY_MS = 10;
const HOW = { concurrency: 150, flag: '--stream' };

export const streamEvents = {
  name: 'stream-events',
  what: `${ANSWERS} answers of ${EVENTS} streamed events, ${HOW.concurrency} at once, an event every ${EVERY_MS} ms: CPU (user and system, whole process, start-up included) over that of the floor, which parses the same`,
  target: '1.25 or less',
  async measure(bench) {
    const workspace = createWorkspace(bench, bench.scaled(ANSWERS));
    const server = await startAnsweringServer(bench, '--events', EVENTS, '--every', EVERY_MS);
    const pairs = await inTurn(bench.runs, () => pairWithFloor(bench, workspace, server, HOW));
    await server.stop();
    const perEvent = (program) =>
      describe(
        pairs.map((pair) => (pair[program].cpuSeconds * 1e6) / (workspace.documents * EVENTS)),
        1,
      );
    const seconds = (program) =>
      describe(
        pairs.map((pair) => pair[program].seconds),
        1,
      );
    return {
      measured: describe(pairs.map(({ sluice, floor }) => sluice.cpuSeconds / floor.cpuSeconds)),
      raw: `sluice ${perEvent('sluice')} µs an event, ${seconds('sluice')} s in all; floor ${perEvent('floor')} µs, ${seconds('floor')} s`,
    };
  },
};
