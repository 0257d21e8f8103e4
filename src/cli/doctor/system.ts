import { closeSync, openSync, readFileSync, readSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { holderOf } from '../../ledger/lock.ts';
import { openDatabase } from '../../ledger/sqlite.ts';
import { errorMessage, orUndefined } from '../../lib/errors.ts';
import { counted, numeral, visible } from '../../report/words.ts';
import { type Finding, fix, note, ok } from './finding.ts';

/** Node, SQLite, and how the ledger is written: its file is not opened, so that nothing is left beside it. */
export function programFindings(ledgerFolder: string): readonly Finding[] {
  const database = openDatabase(':memory:');
  const { version } = database.prepare<{ version: string }>('SELECT sqlite_version() AS version').only();
  database.close();
  return [
    ok('node', `${process.version} on ${process.platform} ${process.arch}`),
    ok('sqlite', `${version}; ${journalInWords(join(ledgerFolder, 'ledger.db'))}`),
  ];
}

export async function holderFinding(ledgerFolder: string): Promise<Finding> {
  const holder = await holderOf(ledgerFolder);
  if (holder === null) return ok('workspace', 'no other process works on it');
  const { pid, host, command } = holder;
  return note('workspace', `process ${pid} on ${visible(host)} works on it (${visible(command)})`);
}

/** Where a database file says how it is written: 2 is a write-ahead log, 1 a rollback journal. */
const JOURNAL_BYTE = 18;

function journalInWords(file: string): string {
  try {
    const descriptor = openSync(file, 'r');
    const byte = Buffer.alloc(1);
    readSync(descriptor, byte, 0, 1, JOURNAL_BYTE);
    closeSync(descriptor);
    return `the ledger is written with ${byte[0] === 2 ? 'a write-ahead log (WAL)' : 'a rollback journal'}`;
  } catch {
    return 'there is no ledger yet';
  }
}

const MEGABYTE = 1_000_000;
const TOO_LITTLE_MB = 100;
const LITTLE_MB = 1000;

/** What is left on the disk of a folder. */
export function spaceFinding(folder: string): Finding {
  try {
    const { bavail, bsize } = statfsSync(folder);
    const left = Math.floor((bavail * bsize) / MEGABYTE);
    const found = `${numeral(left)} MB are free in ${visible(folder)}`;
    if (left < TOO_LITTLE_MB) return fix('disk space', found, 'Make room: results and the ledger need some.');
    return left < LITTLE_MB ? note('disk space', found, 'Make room before a large run.') : ok('disk space', found);
  } catch (error) {
    return note('disk space', `not told by the system (${errorMessage(error)})`);
  }
}

const LIMITS = '/proc/sys/fs/inotify';

/** Of Linux: a watch for each folder of the inbox, one instance for the process. `folders`: those that are there. */
export function inotifyFindings(folders: number, limits = LIMITS): readonly Finding[] {
  const watches = limitIn(limits, 'max_user_watches');
  const instances = limitIn(limits, 'max_user_instances');
  if (watches === null || instances === null) return [];
  const found = `${numeral(watches)} file watches and ${numeral(instances)} watchers are allowed; the inbox has ${counted(folders, 'folder')}`;
  if (watches < folders) return [fix('file watches', found, raise('max_user_watches', 2 * folders))];
  if (instances < FEWEST_INSTANCES) return [note('file watches', found, raise('max_user_instances', 128))];
  if (watches < 2 * folders) return [note('file watches', found, raise('max_user_watches', 4 * folders))];
  return [ok('file watches', found)];
}

function raise(name: string, to: number): string {
  return `Raise it: sudo sysctl fs.inotify.${name}=${to} (for good: a line in /etc/sysctl.d/). Until then new files are found by scans.`;
}

/** Other programs of the same user have some. */
const FEWEST_INSTANCES = 16;

function limitIn(folder: string, name: string): number | null {
  return orUndefined(() => Number(readFileSync(join(folder, name), 'utf8'))) ?? null;
}
