import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { QuietWatcher } from '../../src/inbox/folder-watches.ts';
import { makeFolder, writeOld } from './support.ts';

let watcher: QuietWatcher;

afterEach(() => watcher.close());

test('reports a dropped file, and lists the folder neither at start nor then', async () => {
  const listings: string[] = [];
  class Counting extends QuietWatcher {
    override _readdirp(root: string): undefined {
      listings.push(root);
    }
  }
  const folder = await makeFolder();
  watcher = new Counting().add(folder);
  await once(watcher, 'ready');
  const raw = once(watcher, 'raw');
  await writeOld(join(folder, 'a.txt'));
  // chokidar asks for its listing before it emits the event.
  expect([(await raw)[1], listings]).toEqual(['a.txt', []]);
});
