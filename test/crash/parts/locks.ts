import { raceForLock } from '../lock-race.ts';
import { SimulatorProcess } from '../simulator-process.ts';
import type { Part } from './part.ts';

const ROUNDS = 100;

/** Starts several daemons at once on one workspace, and kills the one that works. */
export const locks: Part = async ({ tell }) => {
  const findings = await SimulatorProcess.use((simulator) => raceForLock(simulator, ROUNDS));
  tell(findings, 'locks');
  return [
    ['rounds of daemons started at once, the holder killed after each', ROUNDS, ''],
    ['two holders, or none', findings.length, '0'],
  ];
};
