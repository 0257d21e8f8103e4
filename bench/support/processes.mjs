import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './temporary-folder.mjs';

const MEMORY_SAMPLE_MS = 100;
/** The unit of /proc/PID/stat: USER_HZ, 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** Highest resident memory so far, MB (VmHWM). */
function peakMegabytes(pid) {
  const kilobytes = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes ?? 0) / 1024;
}

/** User and system time so far, seconds. */
export function cpuSeconds(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** What the user has set must not change what is measured. */
export function plainEnvironment() {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^SLUICE_|_API_KEY$|^NODE_OPTIONS$/.test(name)),
  );
}

/** VmHWM only grows, so sampling loses at most what a process adds in its last tenth of a second. */
function watchMemory(pid) {
  let peak = 0;
  const timer = setInterval(() => {
    try {
      peak = Math.max(peak, peakMegabytes(pid));
    } catch {
      clearInterval(timer);
    }
  }, MEMORY_SAMPLE_MS);
  return () => {
    clearInterval(timer);
    return peak;
  };
}

/** `node ARGUMENTS` in this folder, with stderr into the file `stderr` there. */
function spawnNode(folder, args) {
  const stderr = openSync(join(folder, 'stderr'), 'w');
  const child = spawn(process.execPath, args.map(String), {
    cwd: folder,
    env: plainEnvironment(),
    stdio: ['ignore', 'pipe', stderr],
  });
  closeSync(stderr);
  return child;
}

/**
 * Starts `node ARGUMENTS` in an empty folder of its own. `spawnedAt` is in milliseconds since the epoch.
 * `ended` fulfils with exit code, wall seconds from spawn to exit, peak memory, stdout, and the end of stderr.
 */
export function launch({ resources }, args) {
  const folder = temporaryFolder(resources);
  const spawnedAt = Date.now();
  const start = performance.now();
  const child = spawnNode(folder.path, args);
  const forget = resources.own(() => child.kill('SIGKILL'));
  const peak = watchMemory(child.pid);
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
  const wall = once(child, 'exit').then(() => (performance.now() - start) / 1000);
  const ended = once(child, 'close').then(async ([code]) => {
    const complaint = readFileSync(join(folder.path, 'stderr'), 'utf8').slice(-2000);
    forget();
    folder.remove();
    return { code, seconds: await wall, peakMegabytes: peak(), stdout, complaint };
  });
  const stop = async (signal = 'SIGTERM') => {
    child.kill(signal);
    return await ended;
  };
  return { pid: child.pid, spawnedAt, stdout: child.stdout, ended, stop };
}
