import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { plainEnvironment } from './processes.mjs';

const HELPER = new URL('heap-on-request.mjs', import.meta.url).href;
const MEGABYTE = 1e6;

/** A daemon over a workspace that tells its memory, after a forced collection, and its open descriptors. */
export function startProbedDaemon(bench, { root }, { url }, ...flags) {
  const args = ['--expose-gc', '--import', HELPER, bench.program, 'watch', '--json', '--root', root, '--api', url, '--no-recipe', ...flags];
  const child = spawn(process.execPath, args.map(String), {
    env: plainEnvironment(),
    stdio: ['ignore', 'pipe', 'ignore', 'ipc'],
  });
  const forget = bench.resources.own(() => child.kill('SIGKILL'));
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
  const ended = once(child, 'close').then(([code]) => {
    forget();
    return { code, stdout };
  });
  return {
    ended,
    async probe() {
      const answer = once(child, 'message');
      child.send('how much?');
      const [{ heapUsed, external, rss }] = await answer;
      return {
        heap: heapUsed / MEGABYTE,
        external: external / MEGABYTE,
        resident: rss / MEGABYTE,
        descriptors: readdirSync(`/proc/${child.pid}/fd`).length,
      };
    },
    stop: async () => {
      child.kill('SIGTERM');
      return await ended;
    },
  };
}
