import type { Aftermath, Finding } from './aftermath.ts';
import { checkBilling } from './check-billing.ts';
import { checkFiles } from './check-files.ts';
import { checkRuns } from './check-runs.ts';

/** What must hold of a workspace whatever died in it, and when, once a run over it came to rest. Gives what does not. */
export async function brokenInvariants(aftermath: Aftermath): Promise<readonly Finding[]> {
  return [...(await checkFiles(aftermath)), ...checkBilling(aftermath), ...checkRuns(aftermath)];
}
