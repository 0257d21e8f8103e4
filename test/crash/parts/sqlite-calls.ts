import { sayNotTested } from '../../support/say-not-tested.ts';
import { tryFailure } from '../failing-run.ts';
import { inLanes } from '../in-lanes.ts';
import { SimulatorProcess } from '../simulator-process.ts';
import { canTrace, everySystemCall, withFailingSystemCall } from '../sqlite-calls.ts';
import type { Part } from './part.ts';

/** Lets every system call that SQLite makes fail once. */
export const sqliteCalls: Part = async ({ every, say, tell }) => {
  if (!canTrace()) {
    sayNotTested('failing system calls of SQLite', 'strace is missing, or may not trace');
    return [];
  }
  const { cleanCalls, failures } = await SimulatorProcess.use(everySystemCall);
  say(`${cleanCalls} system calls of SQLite, ${failures.length} failures`);
  let [found, rebuilt] = [0, 0];
  const chosen = failures.filter((_, index) => index % every === 0);
  await inLanes(chosen, async (failure, simulator) => {
    const outcome = await tryFailure(failure.code, cleanCalls, simulator, withFailingSystemCall(failure, simulator));
    found += outcome.findings.length;
    rebuilt += outcome.rebuilt ? 1 : 0;
    tell(outcome.findings, `${failure.call} ${failure.number}`);
  });
  return [
    ['system calls of SQLite made to fail', chosen.length, ''],
    ['lost, billed twice, crashed or busy after that', found, '0'],
    ['ledgers that were damaged by it, and begun anew', rebuilt, ''],
  ];
};
