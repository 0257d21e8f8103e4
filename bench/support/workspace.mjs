import { existsSync, mkdirSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './temporary-folder.mjs';

const BYTES = 2048;
/** Seconds; far beyond any --settle, so that nothing waits for a file to stand still. */
const AGE = 3600;
const WORDS = (
  'the of and a to in river harvest ledger committee reports that prices rose again while stocks fell by three per cent ' +
  'because rain delayed transport from northern farms which members had not expected until late autumn'
).split(' ');

/** About 2 kB of words, the same for the same number and different for each. */
export function documentText(number) {
  let state = number + 1;
  let text = `Report ${number}.`;
  while (text.length < BYTES) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    text += ` ${WORDS[state % WORDS.length]}`;
  }
  return text.slice(0, BYTES);
}

/** Writes document `number`, finished an hour ago. */
export function writeDocument(path, number) {
  const time = Date.now() / 1000 - AGE;
  writeFileSync(path, documentText(number));
  utimesSync(path, time, time);
}

/** A workspace in the system's temporary folder with this many documents, all in one folder; there until the end. */
export function createWorkspace({ resources }, documents) {
  const { path: root } = temporaryFolder(resources);
  const inbox = join(root, 'inbox');
  mkdirSync(inbox);
  const aside = join(root, 'aside');
  mkdirSync(aside);
  let forgotten = 0;
  const names = Array.from({ length: documents }, (_, number) => `${number}.txt`);
  for (const [number, name] of names.entries()) writeDocument(join(inbox, name), number);
  return {
    root,
    inbox,
    documents,
    names,
    hasResult: (name) => existsSync(join(root, 'outbox', `${name}.md`)),
    /**
     * Back to nothing done. What is there goes aside and is deleted at the end: ext4 looks past every inode that was
     * deleted within some minutes when it makes a file, which would be counted as the program's own time.
     */
    forget() {
      forgotten += 1;
      for (const name of ['outbox', 'failed', '.sluice'].filter((folder) => existsSync(join(root, folder))))
        renameSync(join(root, name), join(aside, `${forgotten}-${name}`));
    },
  };
}
