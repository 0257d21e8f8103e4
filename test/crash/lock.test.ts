import { expect, jest, test } from '@jest/globals';
import { raceForLock } from './lock-race.ts';
import { SimulatorProcess } from './simulator-process.ts';

jest.setTimeout(120_000);

test('of several daemons on one workspace one works, and a killed one bars nobody', async () => {
  expect(await SimulatorProcess.use((simulator) => raceForLock(simulator, 4))).toEqual([]);
});
