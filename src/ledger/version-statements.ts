import type { DocumentVersion } from '../domain/ledger.ts';
import type { Database, Statement } from './sqlite.ts';

/** Sets what `forgiven` is: the attempts of a version so far no longer count. */
const ALL_FORGIVEN = `
  forgiven = (SELECT coalesce(max(number), 0) FROM attempts WHERE attempts.version_id = versions.version_id)
`;

/** Takes versions back into work. Which ones, a WHERE that follows says. */
export const REOPEN = `
  UPDATE versions SET state = 'pending', code = NULL, reason = NULL, due_at = NULL, ${ALL_FORGIVEN}, updated_at = :now
`;

/** What is written of document versions, by the names of the values that it takes. */
export interface VersionStatements {
  /** An INSERT that does nothing where the version is there. */
  readonly newBegun: Statement<never>;
  readonly begun: Statement<{ readonly versionId: number }>;
  /** Of the version `versionId`. */
  readonly newDone: Statement<never>;
  readonly done: Statement<never>;
  /** In a state other than done. */
  readonly settled: Statement<never>;
  readonly touched: Statement<never>;
  readonly reopened: Statement<never>;
  readonly othersAreOld: Statement<never>;
  readonly othersAreReplaced: Statement<never>;
}

const STANDING = `
  size = :size, modified_ms = :mtimeMs, current = 1, state = :state, api = :api, recipe_id = :recipeId, code = :code,
  reason = :reason, due_at = :dueAt, updated_at = :now
`;
const FILED = `result = :result, fingerprint = :fingerprint, reused = :reused, ${ALL_FORGIVEN}`;
/** What is known of a result stays as it was: it still lies in the outbox. */
const VERSION = `
  INSERT INTO versions
    (document, sha256, size, modified_ms, current, state, api, recipe_id, code, reason, due_at, result, fingerprint,
      reused, forgiven, updated_at)
  VALUES
    (:document, :sha256, :size, :mtimeMs, 1, :state, :api, :recipeId, :code, :reason, :dueAt, :result, :fingerprint,
      :reused, :forgiven, :now)
  ON CONFLICT (document, sha256) DO UPDATE SET ${STANDING}
`;
const BEGUN = `${VERSION}, forgiven = :forgiven RETURNING version_id AS versionId`;
const DONE = `${VERSION}, ${FILED}`;
/** The same for documents that come for the first time, as most do: nothing is looked for, or handed back. */
const NEW_BEGUN = `
  INSERT INTO versions
    (document, sha256, size, modified_ms, current, state, api, recipe_id, forgiven, updated_at)
  VALUES
    (:document, :sha256, :size, :mtimeMs, 1, 'pending', :api, :recipeId, :forgiven, :now)
  ON CONFLICT (document, sha256) DO NOTHING
`;
const NEW_DONE = `UPDATE versions SET ${STANDING}, ${FILED} WHERE version_id = :versionId`;
const TOUCH = `
  UPDATE versions SET size = :size, modified_ms = :mtimeMs, current = 1, updated_at = :now
  WHERE document = :document AND sha256 = :sha256
`;
/** What is meanwhile held is a person's to release. */
const REOPEN_FAILED = `${REOPEN} WHERE document = :document AND current AND state IN ('failed', 'pending')`;
/** Run when the version is there: a document is never without a current one. */
const OTHERS_ARE_OLD = `
  UPDATE versions SET current = 0
  WHERE document = :document AND sha256 <> :sha256 AND current
    AND EXISTS (SELECT 1 FROM versions WHERE document = :document AND sha256 = :sha256)
`;
const OTHERS_ARE_REPLACED = `
  UPDATE versions SET current = 0, state = iif(state = 'done', 'replaced', state), updated_at = :now
  WHERE document = :document AND sha256 <> :sha256 AND (current OR state = 'done')
`;

export function prepareVersionStatements(database: Database): VersionStatements {
  return {
    newBegun: database.prepare(NEW_BEGUN),
    begun: database.prepare(BEGUN),
    newDone: database.prepare(NEW_DONE),
    done: database.prepare(DONE),
    settled: database.prepare(VERSION),
    touched: database.prepare(TOUCH),
    reopened: database.prepare(REOPEN_FAILED),
    othersAreOld: database.prepare(OTHERS_ARE_OLD),
    othersAreReplaced: database.prepare(OTHERS_ARE_REPLACED),
  };
}

/** What a version stands under in the ledger; one that was never read whole, under an empty hash. */
export function keyOf({ document, sha256 }: DocumentVersion): Record<'document' | 'sha256', string> {
  return { document: document.id, sha256: sha256 ?? '' };
}
