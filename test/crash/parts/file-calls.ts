import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tryFailure } from '../failing-run.ts';
import { buildFailingCalls, everyFileCall, withFailingCall } from '../file-calls.ts';
import { inLanes } from '../in-lanes.ts';
import { SimulatorProcess } from '../simulator-process.ts';
import type { Part } from './part.ts';

/** Lets every call of `node:fs` fail once with every code. */
export const fileCalls: Part = async ({ every, say, tell }) => {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-failing-'));
  const preload = join(folder, 'failing-calls.mjs');
  await buildFailingCalls(preload);
  const { cleanCalls, failures } = await SimulatorProcess.use((simulator) => everyFileCall(preload, simulator));
  say(`${cleanCalls} calls of node:fs, ${failures.length} failures`);
  let [found, rebuilt] = [0, 0];
  const chosen = failures.filter((_, index) => index % every === 0);
  await inLanes(chosen, async (failure, simulator) => {
    const outcome = await tryFailure(failure.code, cleanCalls, simulator, withFailingCall(preload, failure, simulator));
    found += outcome.findings.length;
    rebuilt += outcome.rebuilt ? 1 : 0;
    tell(outcome.findings, `call ${failure.number}`);
  });
  await rm(folder, { recursive: true });
  return [
    ['calls of node:fs made to fail, each with every code', chosen.length, ''],
    ['lost, billed twice, crashed or busy after that', found, '0'],
    ['ledgers that were damaged by it, and begun anew', rebuilt, '0'],
  ];
};
