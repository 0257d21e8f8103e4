import { DiskError, UsageError } from '../../src/domain/errors.ts';
import { preparedIn, processContext, runOnce } from '../run/support.ts';
import type { Workspace } from '../support/workspace.ts';
import type { Finding } from './aftermath.ts';
import type { FailingCalls } from './failing-calls.ts';
import {
  countCleanCalls,
  FAILING_OPTIONS,
  FAILURE_CODES,
  type Failure,
  type RunOver,
  tryFailure,
} from './failing-run.ts';
import { hastyClock } from './hasty-clock.ts';
import { SimulatorProcess } from './simulator-process.ts';

/**
 * Lets every `step`th call of `node:fs` fail once in a run in this process, with one code after the other. To be loaded
 * when `calls` is installed: the program's modules keep the calls that they find.
 */
export function failCallsInProcess(
  calls: FailingCalls,
  step: number,
): Promise<{ readonly cleanCalls: number; readonly findings: readonly Finding[] }> {
  return SimulatorProcess.use(async (simulator) => {
    const cleanCalls = await countCleanCalls(simulator, withFailingCall(calls, { number: 0, code: 'EIO' }, simulator));
    const findings: Finding[] = [];
    for (let number = 1; number <= cleanCalls; number += step) {
      const code = FAILURE_CODES[((number / step) % FAILURE_CODES.length) | 0] ?? 'EIO';
      const runOver = withFailingCall(calls, { number, code }, simulator);
      const outcome = await tryFailure(code, cleanCalls, simulator, runOver);
      findings.push(...outcome.findings);
    }
    return { cleanCalls, findings };
  });
}

function withFailingCall(calls: FailingCalls, { number, code }: Failure, { url }: SimulatorProcess): RunOver {
  return async (workspace, fails) => {
    const context = { ...processContext(), clock: hastyClock };
    const { printed } = context;
    calls.arm(workspace.root, fails ? number : 0, code);
    const exitCode = await run(workspace, url, context).catch((error: unknown) => {
      printed.stderr += String(error);
      return exitCodeOf(error);
    });
    const { count, failed } = calls;
    calls.disarm();
    return { ...printed, code: exitCode, calls: count, failed, hung: false };
  };
}

async function run(workspace: Workspace, url: string, context: Parameters<typeof runOnce>[1]): Promise<number> {
  const flags = { ...FAILING_OPTIONS, 'no-recipe': true, once: true, json: true, receipts: true, api: url };
  return runOnce(await preparedIn(workspace, flags), context);
}

/** What `main` makes of what a run throws. */
function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return 2;
  return error instanceof DiskError ? 6 : 1;
}
