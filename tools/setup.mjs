// Makes a fresh clone ready: installs what the lock file names where that has not been done, and with --build builds. What
// only tests and benchmarks need (the workspaces) is installed with --all.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const all = process.argv.includes('--all');

function packagesOf(file) {
  return existsSync(root + file) ? JSON.parse(readFileSync(root + file, 'utf8')).packages : {};
}

/** Whether all that is needed is installed, and nothing in another version than the lock file names. */
function isInstalled() {
  const wanted = packagesOf('package-lock.json');
  const installed = packagesOf('node_modules/.package-lock.json');
  const isRight = ([path, { version }]) => wanted[path]?.version === version;
  return (
    Object.entries(installed).every(isRight) &&
    ['', ...(all ? wanted[''].workspaces : [])].every((folder) => {
      const { dependencies = {}, devDependencies = {} } = wanted[folder];
      return Object.keys({ ...dependencies, ...devDependencies }).every(
        (name) => installed[`node_modules/${name}`] ?? installed[`${folder}/node_modules/${name}`],
      );
    })
  );
}

/** No package needs its install scripts: see CONTRIBUTING.md. The settings of an npm that runs this are not for the one that it runs. */
function install() {
  const settings = ['--ignore-scripts', '--no-global', '--no-dry-run', '--include=dev', '--include=optional'];
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  const { status, error } = spawnSync('npm', ['ci', ...settings, ...quiet, ...(all ? [] : ['--workspaces=false'])], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (error) process.stderr.write(`${error.message}\n`);
  if (status !== 0) process.exit(status ?? 1);
}

if (!isInstalled()) {
  process.stderr.write('Installing what package-lock.json names (npm ci) ...\n');
  install();
}
if (process.argv.includes('--build')) await import('./bundle.mjs');
