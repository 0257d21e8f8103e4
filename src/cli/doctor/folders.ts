import { randomUUID } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { filter, firstValueFrom, map, merge, Subject, takeUntil, timer } from 'rxjs';
import type { Options } from '../../domain/options.ts';
import { degradedReason } from '../../inbox/watch.ts';
import { errorMessage } from '../../lib/errors.ts';
import { visible } from '../../report/words.ts';
import { type Finding, fix, note, ok } from './finding.ts';

/** Hidden, so that a daemon beside it ignores it. */
function probeName(): string {
  return `.sluice-probe-${randomUUID()}`;
}

/** Whether a folder takes files that are renamed and made durable, as results are. Leaves nothing behind. */
export function folderFinding(check: string, folder: string): Finding {
  if (!existsSync(folder)) {
    const above = folderFinding(check, nearestAbove(folder));
    return above.state === 'fix' ? above : ok(check, `${visible(folder)} is not there yet: the first run makes it`);
  }
  const probe = join(folder, probeName());
  const renamed = `${probe}-renamed`;
  try {
    const descriptor = openSync(probe, 'wx');
    try {
      writeSync(descriptor, 'sluice doctor');
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(probe, renamed);
    const isFolded = existsSync(join(folder, renamed.slice(folder.length + 1).toUpperCase()));
    const works = `${visible(folder)} takes files, renames them and makes them durable`;
    if (isFolded) return note(check, `${works}; names that differ by case alone are one name here`);
    const kind = NETWORKED.get(statfsSync(folder).type);
    return kind === undefined ? ok(check, works) : note(check, `${works}; it is ${kind}`);
  } catch (error) {
    return fix(
      check,
      `${visible(folder)}: ${errorMessage(error)}`,
      `Let this user write there, or name another folder.`,
    );
  } finally {
    rmSync(probe, { force: true });
    rmSync(renamed, { force: true });
  }
}

/** Where a folder that is not there would be made. */
function nearestAbove(folder: string): string {
  const above = dirname(folder);
  return existsSync(above) ? above : nearestAbove(above);
}

/** By what `statfs` of Linux calls them. */
const NETWORKED: ReadonlyMap<number, string> = new Map([
  [0x69_69, 'a network share (NFS)'],
  [0xff_53_4d_42, 'a network share (CIFS)'],
  [0xfe_53_4d_42, 'a network share (SMB)'],
  [0x01_02_19_94, 'in memory (tmpfs), and gone after a restart'],
]);

/** Whether the folders of a workspace lie on one file system: documents are archived by a rename then. */
export function oneDiskFinding({
  root,
  inbox,
  outbox,
  failed,
}: Pick<Options, 'root' | 'inbox' | 'outbox' | 'failed'>): Finding {
  const there = [root, inbox, outbox, failed].filter((folder) => existsSync(folder));
  const disks = new Set(there.map((folder) => statSync(folder).dev));
  return disks.size <= 1
    ? ok('file system', 'inbox, outbox and ledger are on one file system')
    : note(
        'file system',
        'inbox, outbox and ledger are on different file systems',
        'With --after archive documents are copied instead of renamed.',
      );
}

/** How long an event may take on a busy machine (ms). */
const LONGEST_WAIT_MS = 3000;

/** Whether the system tells of new files in the inbox: writes a hidden one, and waits for its event. */
export async function eventsFinding(inbox: string, rescanSeconds: number): Promise<Finding> {
  const { FolderWatches } = await import('../../inbox/folder-watches.ts');
  const watches = new FolderWatches(inbox);
  const name = probeName();
  const probe = join(inbox, name);
  const started = performance.now();
  const ended = new Subject<void>();
  try {
    const told = firstValueFrom(
      merge(
        watches.hints.pipe(
          filter((id) => id === name),
          map(() => 'event' as const),
        ),
        watches.errors.pipe(map(degradedReason)),
        timer(LONGEST_WAIT_MS).pipe(map(() => null)),
      ).pipe(takeUntil(ended)),
      { defaultValue: null },
    );
    await watches.enter('');
    closeSync(openSync(probe, 'wx'));
    const outcome = await told;
    if (outcome === 'event')
      return ok('file events', `a new file was told after ${Math.ceil(performance.now() - started)} ms`);
    if (outcome !== null) return note('file events', outcome);
    return note(
      'file events',
      `no event came of a new file within ${LONGEST_WAIT_MS / 1000} s (a network share, or a folder of another machine?)`,
      `New files are found by scans, every ${rescanSeconds} s: --rescan sets that; CHOKIDAR_USEPOLLING=1 looks each second.`,
    );
  } catch (error) {
    return fix('file events', errorMessage(error), 'Let this user write into the inbox.');
  } finally {
    ended.next();
    rmSync(probe, { force: true });
    watches.close();
  }
}
