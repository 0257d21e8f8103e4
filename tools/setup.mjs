// Makes a fresh clone ready: installs what the lock file names where that has not been done; with --build, builds what has
// changed since the last build.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Packages that the lock file wants for this machine and that are missing or of another version. */
function missingPackages() {
  const wanted = JSON.parse(readFileSync(`${root}package-lock.json`, 'utf8')).packages;
  const installedFile = `${root}node_modules/.package-lock.json`;
  if (!existsSync(installedFile)) return Object.keys(wanted).length;
  const installed = JSON.parse(readFileSync(installedFile, 'utf8')).packages;
  return Object.entries(wanted).filter(
    ([path, { version, optional, link }]) => path && !optional && !link && installed[path]?.version !== version,
  ).length;
}

/** What the build is made of. */
const SOURCES = ['src', 'tools', 'package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json'];

/** Whether a file there was written since, or one was added or removed. */
function hasChangedSince(ms, path) {
  const stat = statSync(path);
  if (stat.mtimeMs > ms) return true;
  return stat.isDirectory() && readdirSync(path).some((name) => hasChangedSince(ms, `${path}/${name}`));
}

function isBuilt() {
  const program = `${root}dist/main.js`;
  return existsSync(program) && !SOURCES.some((name) => hasChangedSince(statSync(program).mtimeMs, `${root}${name}`));
}

function run(command, args) {
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (error) process.stderr.write(`${error.message}\n`);
  if (status !== 0) process.exit(status ?? 1);
}

if (missingPackages() > 0) {
  process.stderr.write('Installing what package-lock.json names (npm ci) ...\n');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
}
if (process.argv.includes('--build') && !isBuilt()) run('npm', ['run', '--silent', 'build']);
