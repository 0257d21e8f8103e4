import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, expect, test } from '@jest/globals';
import { build } from 'esbuild';
import type { InboxEvent } from '../../src/domain/events.ts';
import { makeFolder, writeOld } from './support.ts';

/** Allows three file watches, and no more, to the command that follows: this limit is one of its user namespace alone. */
const limited = ['-Ur', 'sh', '-c', 'echo 3 > /proc/sys/user/max_inotify_watches && exec "$@"', 'sh'];
const possible = spawnSync('unshare', [...limited, 'true']).status === 0;

const program = `
  import { NEVER } from 'rxjs';
  import { createInbox } from './src/inbox/inbox.ts';
  const [root] = process.argv.slice(2);
  const settings = { once: false, settleSeconds: 0.2, rescanSeconds: 0.5, maxBytes: 100, byName: false, rescanNow: NEVER, closing: NEVER, archive: '' };
  createInbox({ root, ...settings }).events.subscribe((event) => process.stdout.write(JSON.stringify(event) + '\\n'));
`;

let child: ChildProcess | undefined;

afterEach(async () => {
  if (child === undefined || child.exitCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
});

test('without enough file watches the inbox says so once, and finds files by scans', async () => {
  if (!possible) {
    process.stderr.write('The watch limit is not tested: user namespaces are refused here.\n');
    return;
  }
  const folder = await makeFolder();
  const root = join(folder, 'inbox');
  const subfolders = ['1', '2', '3', '4', '5', '6'];
  await Promise.all(subfolders.map((name) => mkdir(join(root, name), { recursive: true })));

  const lines = await start(join(folder, 'program.mjs'), root);
  const degraded: InboxEvent[] = [];
  const missing = new Set(subfolders.map((name) => `${name}/a.txt`));
  for await (const line of lines) {
    const event = JSON.parse(line) as InboxEvent;
    if (event.type === 'watcher-degraded') degraded.push(event);
    if (event.type === 'scan-finished' && event.initial)
      await Promise.all(subfolders.map((name) => writeOld(join(root, name, 'a.txt'))));

    if (event.type === 'document-seen') missing.delete(event.document.id);
    if (missing.size === 0) break;
  }
  expect(degraded).toEqual([
    { type: 'watcher-degraded', reason: expect.stringMatching(/not about disk space.*max_user_watches/) },
  ]);
});

async function start(outfile: string, root: string): Promise<AsyncIterable<string>> {
  await build({
    stdin: { contents: program, resolveDir: resolve(), loader: 'ts' },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
  });
  child = spawn('unshare', [...limited, process.execPath, outfile, root], { stdio: ['ignore', 'pipe', 'inherit'] });
  if (child.stdout === null) throw new Error('no output');
  return createInterface({ input: child.stdout });
}
