import { availableParallelism } from 'node:os';
import { SimulatorProcess } from './simulator-process.ts';

/** Does all the work, as many at once as there are processors, each lane with a simulator of its own. */
export async function inLanes<Work>(
  all: Iterable<Work>,
  work: (one: Work, simulator: SimulatorProcess) => Promise<void>,
): Promise<void> {
  const queue: Iterator<Work, unknown> = all[Symbol.iterator]();
  const lane = (): Promise<void> =>
    SimulatorProcess.use(async (simulator) => {
      for (let next = queue.next(); next.done !== true; next = queue.next()) await work(next.value, simulator);
    });
  await Promise.all(Array.from({ length: availableParallelism() }, lane));
}
