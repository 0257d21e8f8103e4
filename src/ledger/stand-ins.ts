import type { Database } from './sqlite.ts';

/** Says in place of a name that it was lost. */
const LOST = "'(lost)'";

/** The version that was answered is known where its result was filed; its number follows those that are left. */
const ATTEMPTS = `
  WITH answered AS (
    SELECT fingerprint, min(version_id) AS version_id, recipe_id FROM versions
    WHERE fingerprint IS NOT NULL AND NOT reused GROUP BY fingerprint
  ), lost AS (
    SELECT attempt_id, answered_at, coalesce(version_id, 0) AS version_id, coalesce(recipe_id, 0) AS recipe_id
    FROM (
      SELECT attempt_id, answered_at, fingerprint FROM answers
      UNION ALL SELECT attempt_id, replied_at, NULL FROM replies
    ) LEFT JOIN answered USING (fingerprint)
    WHERE attempt_id NOT IN (SELECT attempt_id FROM attempts) GROUP BY attempt_id
  )
  INSERT INTO attempts (attempt_id, version_id, number, recipe_id, body_sha256, sending_at, ended_at, seconds, code,
    message, verdict, billing, counts)
  SELECT attempt_id, version_id,
    row_number() OVER (PARTITION BY version_id ORDER BY attempt_id)
      + (SELECT coalesce(max(number), 0) FROM attempts WHERE attempts.version_id = lost.version_id),
    recipe_id, '', answered_at, answered_at, 0.0, 'answered',
    'It was answered. What else was known of it was lost when the ledger was damaged.', 'answer', 'known', 0
  FROM lost
`;
/** Not current, so that they are nobody's document. */
const VERSIONS = `
  INSERT INTO versions (version_id, document, sha256, size, modified_ms, current, state, api, recipe_id, updated_at)
  SELECT version_id, ${LOST}, 'lost-' || version_id, 0, 0.0, 0, 'replaced', coalesce(max(api), ${LOST}),
    max(attempts.recipe_id), max(sending_at)
  FROM attempts LEFT JOIN recipes USING (recipe_id)
  WHERE version_id NOT IN (SELECT version_id FROM versions) GROUP BY version_id
`;
const RECIPES = `
  INSERT INTO recipes (recipe_id, hash, name, model, api)
  SELECT recipe_id, 'lost-' || recipe_id, ${LOST}, ${LOST}, max(api) FROM (
    SELECT recipe_id, api FROM versions WHERE recipe_id IS NOT NULL
    UNION ALL SELECT recipe_id, ${LOST} FROM attempts
  ) WHERE recipe_id NOT IN (SELECT recipe_id FROM recipes) GROUP BY recipe_id
`;

/**
 * Gives rows of a rebuilt ledger what they refer to and what was lost: an answer is looked up through its attempt, and
 * an attempt counts as spending through its recipe.
 */
export function addStandIns(ledger: Database): void {
  for (const insertion of [ATTEMPTS, VERSIONS, RECIPES]) ledger.exec(insertion);
}
