import { DiskError } from '../domain/errors.ts';
import type { Database } from './sqlite.ts';

/** Tokens are nearly always whole numbers: people see no `100.0` then. */
const whole = (column: string): string =>
  `iif(${column} = CAST(${column} AS INTEGER), CAST(${column} AS INTEGER), ${column}) AS ${column}`;

/** A chain of comparisons: `IN` with three values or more fills a table of its own for each row that is written. */
const oneOf = (column: string, values: readonly string[]): string =>
  `CHECK (${values.map((value) => `${column} = '${value}'`).join(' OR ')})`;

/** Of `versions`: its last call was begun and has not ended. */
export const IN_FLIGHT = `
  call_begun_at IS NOT NULL AND NOT EXISTS
    (SELECT 1 FROM calls WHERE calls.version_id = versions.version_id AND calls.number = versions.last_number)
`;

/**
 * `docs/ledger.md` explains tables, columns and views. A plain document takes three statements: the version with the call that
 * is about to leave, the call with its answer, and what became of the version.
 */
const SCHEMA = `
  CREATE TABLE recipes (
    recipe_id INTEGER PRIMARY KEY,
    hash TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    model TEXT NOT NULL,
    api TEXT NOT NULL
  ) STRICT;

  CREATE TABLE versions (
    version_id INTEGER PRIMARY KEY,
    document TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    size INTEGER NOT NULL,
    modified_ms REAL NOT NULL,
    current INTEGER NOT NULL CHECK (current IN (0, 1)),
    state TEXT NOT NULL ${oneOf('state', ['pending', 'done', 'failed', 'held', 'replaced'])},
    api TEXT NOT NULL,
    recipe_id INTEGER REFERENCES recipes,
    last_number INTEGER NOT NULL DEFAULT 0,
    forgiven INTEGER NOT NULL DEFAULT 0,
    updated_at TEXT NOT NULL,
    call_begun_at TEXT,
    call_recipe_id INTEGER REFERENCES recipes,
    call_body_sha256 TEXT,
    call_reserved_usd REAL,
    call_status INTEGER,
    call_generation_id TEXT,
    code TEXT,
    reason TEXT,
    due_at TEXT,
    result TEXT,
    fingerprint TEXT,
    reused INTEGER NOT NULL DEFAULT 0 CHECK (reused IN (0, 1)),
    UNIQUE (document, sha256)
  ) STRICT;

  CREATE INDEX versions_by_named_result ON versions (result)
    WHERE substr(result, 1, length(document) + 1) <> document || '.';

  CREATE TABLE calls (
    attempt_id INTEGER PRIMARY KEY,
    version_id INTEGER NOT NULL REFERENCES versions,
    number INTEGER NOT NULL,
    recipe_id INTEGER NOT NULL REFERENCES recipes,
    body_sha256 TEXT NOT NULL,
    sending_at TEXT NOT NULL,
    reserved_usd REAL,
    status INTEGER,
    generation_id TEXT,
    ended_at TEXT NOT NULL,
    seconds REAL NOT NULL,
    code TEXT NOT NULL,
    message TEXT NOT NULL,
    provider TEXT,
    served_model TEXT,
    verdict TEXT NOT NULL ${oneOf('verdict', ['answer', 'retry', 'fail', 'pause'])},
    billing TEXT NOT NULL ${oneOf('billing', ['none', 'known', 'in doubt'])},
    cost_usd REAL,
    prompt_tokens REAL,
    cached_tokens REAL,
    completion_tokens REAL,
    counts INTEGER NOT NULL CHECK (counts IN (0, 1)),
    fingerprint TEXT,
    reply_key TEXT,
    cut INTEGER CHECK (cut IN (0, 1)),
    extras TEXT,
    text TEXT,
    UNIQUE (version_id, number)
  ) STRICT;

  CREATE INDEX calls_by_end ON calls (ended_at, recipe_id, code, billing, cost_usd);
  CREATE INDEX calls_by_fingerprint ON calls (fingerprint) WHERE fingerprint IS NOT NULL;
  CREATE INDEX calls_by_reply_key ON calls (reply_key) WHERE reply_key IS NOT NULL;

  CREATE VIEW documents AS
    SELECT document, state, code, reason, due_at, result, size, sha256, model, versions.api, name AS recipe, updated_at
    FROM versions LEFT JOIN recipes USING (recipe_id)
    WHERE current;

  CREATE VIEW attempts AS
    SELECT attempt_id, version_id, number, recipe_id, body_sha256, sending_at, reserved_usd, status, generation_id,
      ended_at, seconds, code, message, provider, served_model, verdict, billing, cost_usd,
      ${whole('prompt_tokens')}, ${whole('cached_tokens')}, ${whole('completion_tokens')}, counts
    FROM calls
    UNION ALL
    SELECT NULL, version_id, last_number, call_recipe_id, call_body_sha256, call_begun_at, call_reserved_usd, call_status,
      call_generation_id,
      NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
    FROM versions WHERE ${IN_FLIGHT};

  CREATE VIEW answers AS
    SELECT attempt_id AS answer_id, fingerprint, attempt_id, ended_at AS answered_at, text, extras
    FROM calls WHERE fingerprint IS NOT NULL;

  CREATE VIEW replies AS
    SELECT attempt_id AS reply_id, attempt_id, reply_key AS key, ended_at AS replied_at, cut, text, extras
    FROM calls WHERE reply_key IS NOT NULL;

  CREATE VIEW spending AS
    SELECT
      substr(ended_at, 1, 10) AS day,
      api,
      model,
      count(*) AS attempts,
      sum(billing = 'in doubt') AS in_doubt,
      coalesce(sum(cost_usd), 0.0) AS cost_usd,
      sum(billing <> 'none' AND cost_usd IS NULL) AS cost_unknown_attempts
    FROM calls JOIN recipes USING (recipe_id)
    WHERE code <> 'not-sent'
    GROUP BY day, api, model;
`;

/** Who says what a call cost. */
const COST_FROM = `
  ALTER TABLE calls ADD COLUMN cost_from TEXT;

  DROP VIEW attempts;
  CREATE VIEW attempts AS
    SELECT attempt_id, version_id, number, recipe_id, body_sha256, sending_at, reserved_usd, status, generation_id,
      ended_at, seconds, code, message, provider, served_model, verdict, billing, cost_usd, cost_from,
      ${whole('prompt_tokens')}, ${whole('cached_tokens')}, ${whole('completion_tokens')}, counts
    FROM calls
    UNION ALL
    SELECT NULL, version_id, last_number, call_recipe_id, call_body_sha256, call_begun_at, call_reserved_usd, call_status,
      call_generation_id,
      NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
    FROM versions WHERE ${IN_FLIGHT};
`;

/** ctime and inode of documents, and how what was answered was read. */
const PROVENANCE = `
  ALTER TABLE versions ADD COLUMN ctime_ms REAL;
  ALTER TABLE versions ADD COLUMN inode REAL;
  ALTER TABLE versions ADD COLUMN readers TEXT;
  ALTER TABLE calls ADD COLUMN readers TEXT;
  ALTER TABLE calls ADD COLUMN left_out TEXT;

  DROP VIEW answers;
  CREATE VIEW answers AS
    SELECT attempt_id AS answer_id, fingerprint, attempt_id, ended_at AS answered_at, text, extras, readers, left_out
    FROM calls WHERE fingerprint IS NOT NULL;
`;

/**
 * The first step makes the schema. Each change is one more step at the end, with a fixture of the schema before it in
 * `test/ledger/fixtures`: see `docs/ledger.md`. A step that is here is never changed.
 */
export const STEPS: readonly string[] = [SCHEMA, COST_FROM, PROVENANCE];

/** `PRAGMA user_version` after the first step; versions 1 to 4 were never released. */
const FIRST_VERSION = 5;

/** What `PRAGMA user_version` is in a file that has taken all steps. */
export const SCHEMA_VERSION = FIRST_VERSION + STEPS.length - 1;

/**
 * How many steps a file has taken; 0 if it is new.
 *
 * @throws DiskError if this version of the program does not know its schema
 */
export function stepsTaken(database: Database, file: string): number {
  const version = Number(database.pragma('user_version'));
  if (version === 0 && database.pragma('schema_version') === 0) return 0;
  if (version >= FIRST_VERSION && version <= SCHEMA_VERSION) return version - FIRST_VERSION + 1;
  const age = version > SCHEMA_VERSION ? 'newer' : 'older';
  throw new DiskError(
    `The ledger ${file} is of ${age === 'newer' ? 'a newer' : 'an older'} version of sluice (its schema is version ` +
      `${version}, this one knows ${SCHEMA_VERSION}), and was left as it is: it holds what was spent, which documents ` +
      `are held for a person, and answers that were paid for. Use the ${age} version of sluice, or start over: stop ` +
      'it and move the folder .sluice away. Results in the outbox still count as done.',
  );
}

/** Takes the steps that are missing, each whole or not at all. */
export function migrate(database: Database, taken: number, steps: readonly string[] = STEPS): void {
  for (const [index, step] of steps.entries()) {
    if (index < taken) continue;
    database.transaction(() => database.exec(`${step}; PRAGMA user_version = ${FIRST_VERSION + index}`));
  }
}
