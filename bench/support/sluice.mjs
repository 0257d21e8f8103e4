import { launch } from './processes.mjs';

function start(bench, workspace, simulator, flags) {
  const where = ['--root', workspace.root, '--api', simulator.url, '--model', 'anthropic/claude-sonnet-4.5'];
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

/** A whole `--once` run: its summary, wall seconds and peak memory. Rejects where a document was not answered. */
export async function runOnce(bench, workspace, simulator, ...flags) {
  const { code, stdout, complaint, ...figures } = await startOnce(bench, workspace, simulator, ...flags).ended;
  if (code !== 0) throw new Error(`sluice ended with ${code}: ${complaint}`);
  const summary = JSON.parse(stdout);
  if (summary.succeeded !== workspace.documents)
    throw new Error(`sluice answered ${summary.succeeded} of ${workspace.documents} documents`);

  return { ...figures, summary };
}
