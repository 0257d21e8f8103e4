import { defer, filter, interval, map, type Observable } from 'rxjs';
import { DiskTrouble } from '../domain/errors.ts';
import type { BegunAttempt, Ledger } from '../domain/ledger.ts';
import type { Clock } from '../lib/clock.ts';
import { createAttemptEntries } from './attempts.ts';
import { endInterrupted, type InterruptedAttempt } from './end-interrupted.ts';
import { createGroupCommit, type Effect, type GroupCommitSettings } from './group-commit.ts';
import { createLooks } from './lookups.ts';
import { createRecords, type Records } from './records.ts';
import { createSpent, type Spent } from './spent.ts';
import type { Database } from './sqlite.ts';
import { VersionEntries } from './versions.ts';

/** A ledger that is open, with what can be asked of its keeper alone. */
export interface OpenLedger extends Ledger, Spent {
  /** Attempts that were in flight when the process before this one died: they have ended now, in doubt. */
  readonly interrupted: readonly InterruptedAttempt[];
  /** The APIs of the versions that are done. */
  answeredThrough(): ReadonlySet<string>;
  /** Emits when another process has written; by then `recall` knows. Never errors: a look that fails is made again. */
  changedOutside(everyMs: number, clock: Clock): Observable<void>;
  /** Resolves when nothing is being written any more. */
  idle(): Promise<void>;
}

export interface CreateLedgerSettings extends GroupCommitSettings {
  readonly now: () => Date;
}

/** The ledger over a database of the newest schema. Throws `DiskTrouble`. */
export function createLedger(database: Database, { now, ...settings }: CreateLedgerSettings): OpenLedger {
  const attempts = createAttemptEntries(database);
  const interrupted = endInterrupted(database, attempts);
  const looks = createLooks(database);
  const records = createRecords(database);
  const versions = new VersionEntries(database, records, now);
  const group = createGroupCommit(database, settings);
  const begin = (attempt: BegunAttempt): Effect => {
    const version = versions.begin(attempt);
    const flight = attempts.begin(attempt, version);
    return () => {
      version.effect();
      flight();
    };
  };

  return {
    ...looks,
    ...createSpent(database),
    interrupted,
    recall: (id) => records.get(id),
    begin: (attempt) => group.write(() => begin(attempt)),
    head: (version, number, head) => group.write(() => attempts.head(version, number, head)),
    end: (attempt) =>
      defer(() => {
        attempts.announceEnd(attempt);
        return group.write(() => attempts.end(attempt));
      }),
    settle: (settlement) => group.write(() => versions.settle(settlement)),
    touch: (version) => group.write(() => versions.touch(version)),
    reopen: (id) => group.write(() => versions.reopen(id)),
    changedOutside: (everyMs, clock) => changedOutside(database, records, interval(everyMs, clock.scheduler)),
    idle: () => group.idle(),
  };
}

function changedOutside(database: Database, records: Records, looks: Observable<unknown>): Observable<void> {
  return defer(() => {
    const version = database.prepare<{ readonly data_version: number }>('PRAGMA data_version');
    const look = () => version.get()?.data_version;
    let seen = look();
    const hasChanged = () => {
      const now = look();
      if (now === seen) return false;
      records.refresh();
      seen = now;
      return true;
    };
    return looks.pipe(
      filter(() => unlessInTrouble(hasChanged)),
      map(() => undefined),
    );
  });
}

/** The next write tells of the disk's trouble; a look has nobody to tell. */
function unlessInTrouble(look: () => boolean): boolean {
  try {
    return look();
  } catch (error) {
    if (error instanceof DiskTrouble) return false;
    throw error;
  }
}
