import { UsageError } from '../domain/errors.ts';
import type { Database } from './sqlite.ts';

/**
 * The schema of the ledger, one step per version: `PRAGMA user_version` counts the steps that a file has taken. A step
 * that was released is never changed. Times are ISO 8601 in UTC; `docs/ledger.md` explains tables and columns to people.
 */
export const migrations: readonly string[] = [
  `
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
    state TEXT NOT NULL CHECK (state IN ('pending', 'done', 'failed', 'held', 'replaced')),
    api TEXT NOT NULL,
    recipe_id INTEGER REFERENCES recipes,
    code TEXT,
    reason TEXT,
    due_at TEXT,
    result TEXT,
    fingerprint TEXT,
    reused INTEGER NOT NULL DEFAULT 0 CHECK (reused IN (0, 1)),
    forgiven INTEGER NOT NULL DEFAULT 0,
    updated_at TEXT NOT NULL,
    UNIQUE (document, sha256)
  ) STRICT;

  CREATE TABLE attempts (
    attempt_id INTEGER PRIMARY KEY,
    version_id INTEGER NOT NULL REFERENCES versions,
    number INTEGER NOT NULL,
    recipe_id INTEGER NOT NULL REFERENCES recipes,
    body_sha256 TEXT NOT NULL,
    sending_at TEXT NOT NULL,
    status INTEGER,
    generation_id TEXT,
    ended_at TEXT,
    seconds REAL,
    code TEXT,
    message TEXT,
    provider TEXT,
    served_model TEXT,
    verdict TEXT CHECK (verdict IN ('answer', 'retry', 'fail', 'pause')),
    billing TEXT CHECK (billing IN ('none', 'known', 'in doubt')),
    cost_usd REAL,
    prompt_tokens INTEGER,
    completion_tokens INTEGER,
    counts INTEGER CHECK (counts IN (0, 1)),
    UNIQUE (version_id, number)
  ) STRICT;

  CREATE INDEX attempts_by_end ON attempts (ended_at);

  CREATE TABLE answers (
    answer_id INTEGER PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    attempt_id INTEGER NOT NULL REFERENCES attempts,
    answered_at TEXT NOT NULL,
    text TEXT NOT NULL
  ) STRICT;

  CREATE INDEX answers_by_fingerprint ON answers (fingerprint, answered_at);
  `,
  `
  CREATE VIEW documents AS
    SELECT document, state, code, reason, due_at, result, size, sha256, model, versions.api, name AS recipe, updated_at
    FROM versions LEFT JOIN recipes USING (recipe_id)
    WHERE current;

  CREATE VIEW spending AS
    SELECT
      substr(ended_at, 1, 10) AS day,
      api,
      model,
      count(*) AS attempts,
      sum(billing = 'in doubt') AS in_doubt,
      coalesce(sum(cost_usd), 0.0) AS cost_usd,
      sum(billing <> 'none' AND cost_usd IS NULL) AS cost_unknown_attempts
    FROM attempts JOIN recipes USING (recipe_id)
    WHERE ended_at IS NOT NULL
    GROUP BY day, api, model;
  `,
  `
  ALTER TABLE attempts ADD COLUMN reserved_usd REAL;

  DROP INDEX attempts_by_end;
  CREATE INDEX attempts_in_flight ON attempts (attempt_id) WHERE ended_at IS NULL;
  CREATE INDEX attempts_by_start ON attempts (sending_at);

  DROP VIEW spending;
  CREATE VIEW spending AS
    SELECT
      substr(ended_at, 1, 10) AS day,
      api,
      model,
      count(*) AS attempts,
      sum(billing = 'in doubt') AS in_doubt,
      coalesce(sum(cost_usd), 0.0) AS cost_usd,
      sum(billing <> 'none' AND cost_usd IS NULL) AS cost_unknown_attempts
    FROM attempts JOIN recipes USING (recipe_id)
    WHERE ended_at IS NOT NULL AND code <> 'not-sent'
    GROUP BY day, api, model;
  `,
  `
  ALTER TABLE attempts ADD COLUMN cached_tokens INTEGER;
  ALTER TABLE answers ADD COLUMN extras TEXT;

  CREATE TABLE replies (
    reply_id INTEGER PRIMARY KEY,
    attempt_id INTEGER NOT NULL UNIQUE REFERENCES attempts,
    key TEXT NOT NULL,
    replied_at TEXT NOT NULL,
    cut INTEGER NOT NULL CHECK (cut IN (0, 1)),
    text TEXT NOT NULL,
    extras TEXT
  ) STRICT;

  CREATE INDEX replies_by_key ON replies (key, replied_at);
  CREATE INDEX versions_by_named_result ON versions (result)
    WHERE substr(result, 1, length(document) + 1) <> document || '.';
  `,
];

/** How many steps a file has taken. Throws `UsageError` where a newer version of the program wrote it. */
export function requireKnown(database: Database, file: string): number {
  const version = versionOf(database);
  if (version <= migrations.length) return version;
  const versions = `its schema is version ${version}, this one knows ${migrations.length}`;
  throw new UsageError(`The ledger ${file} is of a newer version of sluice (${versions}): use that one.`);
}

/** Takes the steps that are missing, each whole or not at all. */
export function migrate(database: Database): void {
  const taken = versionOf(database);
  for (const [index, step] of migrations.entries())
    if (index >= taken) database.transaction(() => database.exec(`${step}; PRAGMA user_version = ${index + 1}`));
}

function versionOf(database: Database): number {
  return Number(database.pragma('user_version'));
}
