import { expect, jest, test } from '@jest/globals';
import { sayNotTested } from '../support/say-not-tested.ts';
import type { Finding } from './aftermath.ts';
import { tryFailure } from './failing-run.ts';
import { SimulatorProcess } from './simulator-process.ts';
import { canTrace, everySystemCall, withFailingSystemCall } from './sqlite-calls.ts';

jest.setTimeout(180_000);

/** Of about 300 failures; `npm run crash` tries all of them. */
const STEP = 61;

test('a system call of SQLite that fails once loses no document', async () => {
  if (!canTrace()) {
    sayNotTested('failing system calls of SQLite', 'strace is missing, or may not trace');
    return;
  }
  const { failures, findings } = await SimulatorProcess.use((simulator) => failSome(simulator));
  expect(failures).toBeGreaterThan(STEP);
  expect(findings).toEqual([]);
});

async function failSome(
  simulator: SimulatorProcess,
): Promise<{ readonly failures: number; readonly findings: readonly Finding[] }> {
  const { cleanCalls, failures } = await everySystemCall(simulator);
  const findings: Finding[] = [];
  for (const failure of failures.filter((_, index) => index % STEP === 0)) {
    const runOver = withFailingSystemCall(failure, simulator);
    findings.push(...(await tryFailure(failure.code, cleanCalls, simulator, runOver)).findings);
  }
  return { failures: failures.length, findings };
}
