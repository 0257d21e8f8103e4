import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './temporary-folder.mjs';

const MAIN_THREAD_TIME = new URL('main-thread-time.mjs', import.meta.url);
const SAMPLE_MS = 100;
/** The unit of /proc/PID/stat: USER_HZ, 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** Highest resident memory so far, MB (VmHWM). */
function peakMegabytes(pid) {
  const kilobytes = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes ?? 0) / 1024;
}

/** User and system time so far, seconds. */
export function cpuSeconds(pid) {
  const fields = statFields(pid);
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** User and system time of all children of this process that have ended, seconds. */
function endedChildrenCpuSeconds() {
  const fields = statFields('self');
  return (Number(fields[13]) + Number(fields[14])) / TICKS_PER_SECOND;
}

function statFields(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

/** What the user has set must not change what is measured. */
export function plainEnvironment() {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^SLUICE_|_API_KEY$|^NODE_OPTIONS$/.test(name)),
  );
}

/**
 * VmHWM only grows, so sampling loses at most what a process adds in its last tenth of a second. Its CPU time is exact,
 * and known when it has ended: by what the ended children of this process have used in all. (Another child that ends in
 * the same tenth of a second would be counted with it.)
 */
function watch(pid) {
  let peak = 0;
  let cpuOfOthers = endedChildrenCpuSeconds();
  const timer = setInterval(() => {
    try {
      peak = Math.max(peak, peakMegabytes(pid));
      cpuOfOthers = endedChildrenCpuSeconds();
    } catch {
      clearInterval(timer);
    }
  }, SAMPLE_MS);
  return () => {
    clearInterval(timer);
    return { peakMegabytes: peak, cpuSeconds: endedChildrenCpuSeconds() - cpuOfOthers };
  };
}

/** `PROGRAM ARGUMENTS` in this folder, with stderr into the file `stderr` there. */
function spawnIn(folder, program, args) {
  const stderr = openSync(join(folder, 'stderr'), 'w');
  const child = spawn(program, args.map(String), {
    cwd: folder,
    env: plainEnvironment(),
    stdio: ['ignore', 'pipe', stderr],
  });
  closeSync(stderr);
  return child;
}

/** Flags for Node that have it write what its main thread uses into this file. */
function timingFlags(file) {
  const url = new URL(MAIN_THREAD_TIME);
  url.searchParams.set('file', file);
  return ['--import', url.href];
}

/**
 * Starts `node ARGUMENTS`, or another program, in an empty folder of its own. `spawnedAt` is in milliseconds since the
 * epoch. `ended` fulfils with exit code, wall seconds from spawn to exit, CPU seconds, peak memory, stdout, and the end
 * of stderr; where the bench `timesMainThread`, which Node alone can, also with the CPU seconds of that.
 */
export function launch({ resources, timesMainThread = false }, args, program = process.execPath) {
  const folder = temporaryFolder(resources);
  const timeFile = join(folder.path, 'main-thread');
  const spawnedAt = Date.now();
  const start = performance.now();
  const child = spawnIn(folder.path, program, timesMainThread ? [...timingFlags(timeFile), ...args] : args);
  const forget = resources.own(() => child.kill('SIGKILL'));
  const used = watch(child.pid);
  /** All of stderr so far. */
  const logged = () => readFileSync(join(folder.path, 'stderr'), 'utf8');
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
  const figures = once(child, 'exit').then(() => ({ seconds: (performance.now() - start) / 1000, ...used() }));
  const ended = once(child, 'close').then(async ([code]) => {
    const complaint = logged().slice(-2000);
    const mainThreadSeconds = existsSync(timeFile) ? Number(readFileSync(timeFile, 'utf8')) : undefined;
    forget();
    folder.remove();
    return { code, ...(await figures), mainThreadSeconds, stdout, complaint };
  });
  const stop = async (signal = 'SIGTERM') => {
    child.kill(signal);
    return await ended;
  };
  return { pid: child.pid, spawnedAt, stdout: child.stdout, logged, ended, stop };
}
