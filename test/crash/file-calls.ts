import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { countCleanCalls, FAILURE_CODES, type FailedRun, type Failure, type RunOver, runBuilt } from './failing-run.ts';
import type { SimulatorProcess } from './simulator-process.ts';

const ENTRY = fileURLToPath(new URL('./failing-calls-entry.ts', import.meta.url));

/** Writes the module that lets a call of `node:fs` fail in the process that loads it first. */
export async function buildFailingCalls(file: string): Promise<void> {
  await build({ entryPoints: [ENTRY], outfile: file, bundle: true, format: 'esm', platform: 'node', target: 'node20' });
}

/** Runs the built program, where call `number` of `node:fs` in its workspace fails; 0 is none. */
export function withFailingCall(preload: string, { number, code }: Failure, simulator: SimulatorProcess): RunOver {
  return async (workspace, fails) => {
    const call = { folder: workspace.root, number: fails ? number : 0, code };
    const environment = { NODE_OPTIONS: `--import ${pathToFileURL(preload).href}`, FAILING_CALL: JSON.stringify(call) };
    const ended = await runBuilt(workspace, simulator, { environment });
    return { ...ended, ...toldBy(ended.stderr) };
  };
}

/** Every call of a run in which none fails, with every code. */
export async function everyFileCall(
  preload: string,
  simulator: SimulatorProcess,
): Promise<{ readonly cleanCalls: number; readonly failures: readonly Failure[] }> {
  const cleanCalls = await countCleanCalls(simulator, withFailingCall(preload, { number: 0, code: 'EIO' }, simulator));
  const numbers = Array.from({ length: cleanCalls }, (_, index) => index + 1);
  const failures = numbers.flatMap((number) => FAILURE_CODES.map((code) => ({ number, code })));
  return { cleanCalls, failures };
}

/** What the module told at the end. */
function toldBy(stderr: string): Pick<FailedRun, 'calls' | 'failed'> {
  const line = stderr.split('\n').findLast((text) => text.includes('"calls-counted"'));
  return line === undefined ? { calls: 0, failed: null } : (JSON.parse(line) as FailedRun);
}
