import type { Database } from './sqlite.ts';

/** Of a call that is in flight. */
export interface BegunRow {
  readonly versionId: number;
  readonly recipeId: number;
  readonly bodySha256: string;
  readonly reservedUsd: number | null;
}

/** The attempts so far no longer count. */
const FORGIVEN = 'forgiven = last_number';

/** Takes versions back into work: those of the WHERE that follows. The value is the time. */
export const REOPEN = `
  UPDATE versions SET state = 'pending', code = NULL, reason = NULL, due_at = NULL, ${FORGIVEN}, updated_at = ?
`;

/** Of a version that is there already. */
const AS_GIVEN = `size = excluded.size, modified_ms = excluded.modified_ms, ctime_ms = excluded.ctime_ms,
    inode = excluded.inode, current = 1, api = excluded.api, recipe_id = excluded.recipe_id,
    updated_at = excluded.updated_at`;

/** For a document that comes for the first time, as most do: it returns no row, and does nothing if the version is there. */
const FIRST_BEGUN = `
  INSERT INTO versions (document, sha256, size, modified_ms, ctime_ms, inode, current, state, api, recipe_id, forgiven,
    updated_at, last_number, call_begun_at, call_recipe_id, call_body_sha256, call_reserved_usd)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1, 'pending', ?7, ?8, ?9, ?10, ?11, ?12, ?8, ?13, ?14)
  ON CONFLICT (document, sha256) DO NOTHING
`;
const BEGUN = `
  ${FIRST_BEGUN.replace('DO NOTHING', 'DO UPDATE SET')}
    ${AS_GIVEN}, state = 'pending', forgiven = excluded.forgiven, last_number = excluded.last_number,
    call_begun_at = excluded.call_begun_at, call_recipe_id = excluded.call_recipe_id,
    call_body_sha256 = excluded.call_body_sha256, call_reserved_usd = excluded.call_reserved_usd, call_status = NULL,
    call_generation_id = NULL, code = NULL, reason = NULL, due_at = NULL
  RETURNING version_id AS versionId
`;
const HEAD = `
  UPDATE versions SET call_status = ?, call_generation_id = ?
  WHERE document = ? AND sha256 = ? AND last_number = ? AND call_begun_at IS NOT NULL
`;
const BEGUN_ROW = `
  SELECT version_id AS versionId, call_recipe_id AS recipeId, call_body_sha256 AS bodySha256,
    call_reserved_usd AS reservedUsd
  FROM versions WHERE document = ? AND sha256 = ? AND last_number = ? AND call_begun_at IS NOT NULL
`;
/** A repeated write replaces the one before. */
const ENDED = `
  INSERT OR REPLACE INTO calls (version_id, number, recipe_id, body_sha256, sending_at, reserved_usd, status,
    generation_id, ended_at, seconds, code, message, provider, served_model, verdict, billing, cost_usd, cost_from,
    prompt_tokens, cached_tokens, completion_tokens, counts, fingerprint, reply_key, cut, extras, readers, left_out,
    text)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
`;
/** What is known of a result stays: it still lies in the outbox. */
const SETTLED = `
  INSERT INTO versions (document, sha256, size, modified_ms, ctime_ms, inode, current, state, api, recipe_id, code, reason,
    due_at, updated_at)
  VALUES (?, ?, ?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (document, sha256) DO UPDATE SET
    ${AS_GIVEN}, state = excluded.state, code = excluded.code, reason = excluded.reason, due_at = excluded.due_at
`;
const DONE = `
  INSERT INTO versions (document, sha256, size, modified_ms, ctime_ms, inode, current, state, api, recipe_id, updated_at,
    result, fingerprint, reused, readers)
  VALUES (?, ?, ?, ?, ?, ?, 1, 'done', ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (document, sha256) DO UPDATE SET
    ${AS_GIVEN}, state = 'done', code = NULL, reason = NULL, due_at = NULL, result = excluded.result,
    fingerprint = excluded.fingerprint, reused = excluded.reused, readers = excluded.readers, ${FORGIVEN}
`;
/** For an open version whose calls have all ended: it is found by its id, and what was known of a call is in `calls`. */
const OPEN_DONE = `
  UPDATE versions SET size = ?, modified_ms = ?, ctime_ms = ?, inode = ?, current = 1, state = 'done', api = ?,
    recipe_id = ?, code = NULL, reason = NULL, due_at = NULL, updated_at = ?, result = ?, fingerprint = ?, reused = ?,
    readers = ?, ${FORGIVEN}, call_begun_at = NULL, call_recipe_id = NULL, call_body_sha256 = NULL, call_reserved_usd = NULL, call_status = NULL,
    call_generation_id = NULL
  WHERE version_id = ?
`;
const TOUCHED = `
  UPDATE versions SET size = ?, modified_ms = ?, ctime_ms = ?, inode = ?, current = 1, updated_at = ?
  WHERE document = ? AND sha256 = ?
`;
/** Nothing else of it changes, nor when it did. */
const COMPLETED = `
  UPDATE versions SET ctime_ms = ?, inode = ?
  WHERE document = ? AND current AND size = ? AND modified_ms = ? AND ctime_ms IS NULL
`;
/** Not what is held by now: a person decides that. */
const REOPENED = `${REOPEN} WHERE document = ? AND current AND state IN ('failed', 'pending')`;
/** Only if the version is there: a document is never without a current one. */
const OTHERS_ARE_OLD = `
  UPDATE versions SET current = 0
  WHERE document = ?1 AND sha256 <> ?2 AND current
    AND EXISTS (SELECT 1 FROM versions WHERE document = ?1 AND sha256 = ?2)
`;
const OTHERS_ARE_REPLACED = `
  UPDATE versions SET current = 0, state = iif(state = 'done', 'replaced', state), updated_at = ?3
  WHERE document = ?1 AND sha256 <> ?2 AND (current OR state = 'done')
`;
const RECIPE = `
  INSERT INTO recipes (hash, name, model, api) VALUES (?, ?, ?, ?)
  ON CONFLICT (hash) DO UPDATE SET name = excluded.name
  RETURNING recipe_id AS id
`;

/** The statements that write. Throws `DiskError`. */
export function prepareWrites(database: Database) {
  return {
    firstBegun: database.prepare(FIRST_BEGUN),
    begun: database.prepare<{ readonly versionId: number }>(BEGUN),
    head: database.prepare(HEAD),
    begunRow: database.prepare<BegunRow>(BEGUN_ROW),
    ended: database.prepare(ENDED),
    settled: database.prepare(SETTLED),
    done: database.prepare(DONE),
    openDone: database.prepare(OPEN_DONE),
    touched: database.prepare(TOUCHED),
    completed: database.prepare(COMPLETED),
    reopened: database.prepare(REOPENED),
    othersAreOld: database.prepare(OTHERS_ARE_OLD),
    othersAreReplaced: database.prepare(OTHERS_ARE_REPLACED),
    recipe: database.prepare<{ readonly id: number }>(RECIPE),
  };
}
