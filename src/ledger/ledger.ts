import { defer, filter, interval, map, type Observable } from 'rxjs';
import { type AttemptRecord, unheard } from '../domain/attempt.ts';
import { DiskError } from '../domain/errors.ts';
import type { BegunAttempt, Ledger } from '../domain/ledger.ts';
import type { Clock } from '../lib/clock.ts';
import { type AttemptEntries, createAttemptEntries } from './attempts.ts';
import { createGroupCommit, type Effect, type GroupCommitSettings } from './group-commit.ts';
import { createLooks } from './lookups.ts';
import { createRecords, type Records } from './records.ts';
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

interface CreateLedgerSettings extends GroupCommitSettings {
  readonly now: () => Date;
}

/** The ledger over a database of the newest schema. Throws `DiskError`. */
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
    if (error instanceof DiskError) return false;
    throw error;
  }
}

/** A call as far as limits of rate are concerned. */
interface RecentCall {
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** Of prompt and answer together; 0 where nobody told. */
  readonly tokens: number;
}

/** What calls took of money and rates, also those of earlier runs. Throws `DiskError`. */
interface Spent {
  /**
   * What attempts through an API that ended at or after a time (ISO 8601, UTC), or have not ended, cost together, USD:
   * where nobody told what one cost, and it may have been billed, what was reserved for it. A call counts for the day on
   * which it ends, as in the budget of a run: it is not billed before. With the name of a recipe: what went by that, also
   * as it was before it was edited.
   */
  spentSince(iso: string, api: string, recipeName?: string): number;
  /** Calls begun at or after a time (ISO 8601, UTC), oldest first; not those that never left. */
  recentCalls(sinceIso: string): readonly RecentCall[];
}

const USD = `
  SELECT coalesce(sum(coalesce(cost_usd, iif(billing = 'none', 0.0, reserved_usd))), 0.0) AS usd
  FROM attempts JOIN recipes USING (recipe_id)
  WHERE api = :api AND (ended_at >= :iso OR ended_at IS NULL) AND (:recipeName IS NULL OR name = :recipeName)
`;
const CALLS = `
  SELECT sending_at AS startedAt, coalesce(prompt_tokens, 0) + coalesce(completion_tokens, 0) AS tokens
  FROM attempts WHERE sending_at >= ? AND code IS NOT 'not-sent' ORDER BY sending_at
`;

function createSpent(database: Database): Spent {
  const usd = database.prepare<{ readonly usd: number }>(USD);
  const calls = database.prepare<RecentCall>(CALLS);

  return {
    spentSince: (iso, api, recipeName) => usd.only({ api, iso, recipeName: recipeName ?? null }).usd,
    recentCalls: (sinceIso) => calls.all([sinceIso]),
  };
}

/** An attempt that was in flight when its process died. */
interface InterruptedAttempt {
  /** The document's id. */
  readonly id: string;
  readonly attempt: AttemptRecord;
}

interface SendingRow {
  readonly document: string;
  readonly sha256: string;
  readonly size: number;
  readonly mtimeMs: number;
  readonly number: number;
  readonly startedAt: string;
  readonly status: number | null;
  readonly generationId: string | null;
}

const SENDING = `
  SELECT document, sha256, size, modified_ms AS mtimeMs, number, sending_at AS startedAt, status,
    generation_id AS generationId
  FROM attempts JOIN versions USING (version_id)
  WHERE ended_at IS NULL ORDER BY attempt_id
`;

/** Notes the end of what was in flight. It may have been billed, on the day when it was sent; nobody timed it. */
function endInterrupted(database: Database, attempts: AttemptEntries): readonly InterruptedAttempt[] {
  const rows = database.prepare<SendingRow>(SENDING).all();
  const ended = rows.map(({ document: id, sha256, size, mtimeMs, ...known }) => {
    const record = unheard({
      ...known,
      seconds: 0,
      code: 'process-died',
      message: 'The process died during the call.',
    });
    return { document: { id, size, mtimeMs }, sha256, record, answer: null, reply: null };
  });
  database.transaction(() => {
    for (const attempt of ended) attempts.end(attempt);
  });
  return ended.map(({ document, record }) => ({ id: document.id, attempt: record }));
}
