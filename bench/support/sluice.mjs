import { launch } from './processes.mjs';

function start(bench, workspace, simulator, flags) {
  const where = ['--root', workspace.root, '--api', simulator.url, '--model', 'anthropic/claude-sonnet-4.5', '--no-recipe'];
  return launch(bench, [bench.program, ...where, ...flags]);
}

/** The daemon, with default settings but for `flags`. */
export function startDaemon(bench, workspace, simulator, ...flags) {
  return start(bench, workspace, simulator, flags);
}

/** A `--once` run that may be stopped before its end. */
export function startOnce(bench, workspace, simulator, ...flags) {
  return start(bench, workspace, simulator, ['--once', '--json', ...flags]);
}

async function wholeRun(what, bench, workspace, simulator, flags) {
  const { code, stdout, complaint, ...figures } = await startOnce(bench, workspace, simulator, ...flags).ended;
  if (code !== 0) throw new Error(`sluice ended with ${code}: ${complaint}`);
  const summary = JSON.parse(stdout);
  if (summary[what] !== workspace.documents)
    throw new Error(`sluice ended with ${summary[what]} of ${workspace.documents} documents ${what}`);

  return { ...figures, summary };
}

/** A whole `--once` run: summary, wall and CPU seconds, peak memory. Rejects where a document was not answered. */
export async function runOnce(bench, workspace, simulator, ...flags) {
  return await wholeRun('succeeded', bench, workspace, simulator, flags);
}

/** A `--once` run that finds all done. */
export async function runOverDone(bench, workspace, simulator, ...flags) {
  return await wholeRun('skipped', bench, workspace, simulator, flags);
}
