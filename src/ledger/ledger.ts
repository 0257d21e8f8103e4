import { defer, filter, interval, map, type Observable } from 'rxjs';
import { type AttemptRecord, unheard } from '../domain/attempt.ts';
import type { DocumentRef } from '../domain/document.ts';
import { DiskError } from '../domain/errors.ts';
import type { EndedAttempt, Ledger } from '../domain/ledger.ts';
import type { Clock } from '../lib/clock.ts';
import { createGroupCommit, type GroupCommitSettings } from './group-commit.ts';
import { askedSince, createLookups, type Lookups } from './lookups.ts';
import { Records } from './records.ts';
import { IN_FLIGHT } from './schema.ts';
import type { Database } from './sqlite.ts';
import { PROCESS_DIED, Writes } from './writes.ts';

/** What the limits of rate know of a call. */
interface RecentCall {
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** Of prompt and answer together; 0 if not known. */
  readonly tokens: number;
}

/** A ledger that is open, with what only the process that holds it may ask. */
export interface OpenLedger extends Ledger, Lookups {
  /** Attempts that were in flight when the process before this one died: they ended now, in doubt. */
  readonly interrupted: readonly InterruptedAttempt[];
  /**
   * What attempts through an API cost together, USD, if they ended at or after a time (ISO 8601, UTC), or have not ended. If
   * the cost of one is not known, and it may have been billed, what was reserved for it counts. A call counts for the day on
   * which it ends, as in the budget of a run: it is not billed before. With the name of a recipe: of that recipe alone, also
   * before it was edited. Throws `DiskError`.
   */
  spentSince(iso: string, api: string, recipeName?: string): number;
  /** Calls begun at or after a time (ISO 8601, UTC), oldest first; not those that never left. Throws `DiskError`. */
  recentCalls(sinceIso: string): readonly RecentCall[];
  /** The documents that were answered, or failed, by a call that ended at or after a time (ISO 8601, UTC). Throws `DiskError`. */
  askedSince(iso: string): ReadonlySet<string>;
  /** Emits after another process has written; `recall` knows it then. Never errors: a look that fails is repeated. */
  changedOutside(everyMs: number, clock: Clock): Observable<void>;
  /** Resolves when nothing is being written any more. */
  idle(): Promise<void>;
}

/** The ledger over a database of the newest schema. Throws `DiskError`. */
export function createLedger(
  database: Database,
  { now, ...settings }: GroupCommitSettings & { readonly now: () => Date },
): OpenLedger {
  // Before the records: what is written while they are read is found by the next look.
  const look = outsideLook(database);
  const seen = look();
  const records = new Records(database);
  const writes = new Writes(database, records, now);
  const interrupted = endInterrupted(database, writes);
  const group = createGroupCommit(database, settings);
  const lookups = createLookups(database);
  const usd = database.prepare<{ readonly usd: number }>(USD);
  const calls = database.prepare<RecentCall>(CALLS);

  return {
    ...lookups,
    spentSince: (iso, api, recipeName) => usd.only([iso, api, recipeName ?? null]).usd,
    recentCalls: (sinceIso) => calls.all([sinceIso]),
    askedSince: (iso) => askedSince(database, iso),
    interrupted,
    recall: (id) => records.get(id),
    begin: (attempt) => group.write(() => writes.begin(attempt), 'urgent'),
    head: (version, number, head) => group.write(() => writes.head(version, number, head)),
    end: (attempt) => {
      writes.announceEnd(attempt);
      if (attempt.answer !== null) lookups.announceAnswer(attempt.answer.fingerprint);
      return group.write(() => writes.end(attempt), 'urgent');
    },
    settle: (settlement) => group.write(() => writes.settle(settlement)),
    touch: (version) => group.write(() => writes.touch(version)),
    completeStates: async (documents) => {
      await Promise.all(documents.map((document) => group.write(() => writes.completeState(document))));
    },
    reopen: (id) => group.write(() => writes.reopen(id)),
    changedOutside: (everyMs, clock) => changedOutside(look, seen, records, interval(everyMs, clock.scheduler)),
    idle: () => group.idle(),
  };
}

/** What it returns changes when another process has written. Throws `DiskError`. */
function outsideLook(database: Database): () => number | undefined {
  const version = database.prepare<{ readonly data_version: number }>('PRAGMA data_version');
  return () => version.get()?.data_version;
}

function changedOutside(
  look: () => number | undefined,
  first: number | undefined,
  records: Records,
  looks: Observable<unknown>,
): Observable<void> {
  return defer(() => {
    let seen = first;
    return looks.pipe(
      filter(() => {
        try {
          const now = look();
          if (now === seen) return false;
          records.refresh();
          seen = now;
          return true;
        } catch (error) {
          // The disk refuses: the next write reports that.
          if (error instanceof DiskError) return false;
          throw error;
        }
      }),
      map(() => undefined),
    );
  });
}

const USD = `
  SELECT coalesce(sum(usd), 0.0) AS usd FROM (
    SELECT recipe_id, coalesce(cost_usd, iif(billing = 'none', 0.0, reserved_usd)) AS usd
    FROM calls WHERE ended_at >= ?1
    UNION ALL SELECT call_recipe_id, call_reserved_usd FROM versions WHERE ${IN_FLIGHT}
  ) JOIN recipes USING (recipe_id)
  WHERE api = ?2 AND (?3 IS NULL OR name = ?3)
`;
/** What began since then ended since then: so the index by end finds it. */
const CALLS = `
  SELECT sending_at AS startedAt, coalesce(prompt_tokens, 0.0) + coalesce(completion_tokens, 0.0) AS tokens
  FROM calls WHERE ended_at >= ?1 AND sending_at >= ?1 AND code <> 'not-sent'
  UNION ALL SELECT call_begun_at, 0 FROM versions WHERE call_begun_at >= ?1 AND ${IN_FLIGHT}
  ORDER BY startedAt
`;

/** An attempt that was in flight when its process died. */
interface InterruptedAttempt {
  /** The document's id. */
  readonly id: string;
  readonly attempt: AttemptRecord;
}

type InFlightRow = DocumentRef &
  Pick<AttemptRecord, 'number' | 'startedAt' | 'status' | 'generationId'> & { readonly sha256: string };

const CALLS_IN_FLIGHT = `
  SELECT document AS id, sha256, size, modified_ms AS mtimeMs, last_number AS number, call_begun_at AS startedAt,
    call_status AS status, call_generation_id AS generationId
  FROM versions WHERE ${IN_FLIGHT} ORDER BY call_begun_at, version_id
`;

/** Records the end of attempts that were in flight. They may have been billed, on the day when they were sent. */
function endInterrupted(database: Database, writes: Writes): readonly InterruptedAttempt[] {
  const rows = database.prepare<InFlightRow>(CALLS_IN_FLIGHT).all();
  const ended = rows.map(({ id, sha256, size, mtimeMs, ...known }): EndedAttempt => {
    const record = unheard({ ...known, seconds: 0, ...PROCESS_DIED });
    return { document: { id, size, mtimeMs }, sha256, record, answer: null, reply: null };
  });
  database.transaction(() => {
    for (const attempt of ended) writes.end(attempt);
  });
  return ended.map(({ document, record }) => ({ id: document.id, attempt: record }));
}
