import type { BegunAttempt, DocumentState, DocumentVersion, RecipeIdentity, Settlement } from '../domain/ledger.ts';
import type { Effect } from './group-commit.ts';
import { createRecipes } from './recipes.ts';
import type { Records } from './records.ts';
import { ALL_FORGIVEN, REOPEN } from './reopening.ts';
import type { Database, SqlValues, Statement } from './sqlite.ts';
import { keyOf } from './version-key.ts';

/** Writes what becomes of document versions: within a transaction, and harmlessly again. */
export interface VersionEntries {
  begin(attempt: BegunAttempt): Effect;
  settle(settlement: Settlement): Effect;
  touch(version: DocumentVersion): Effect;
  reopen(id: string): Effect;
}

/** What is known of a result stays as it was: it still lies in the outbox. */
const VERSION = `
  INSERT INTO versions
    (document, sha256, size, modified_ms, current, state, api, recipe_id, code, reason, due_at, result, fingerprint,
      reused, forgiven, updated_at)
  VALUES
    (:document, :sha256, :size, :mtimeMs, 1, :state, :api, (SELECT recipe_id FROM recipes WHERE hash = :recipe),
      :code, :reason, :dueAt, :result, :fingerprint, :reused, :forgiven, :now)
  ON CONFLICT (document, sha256) DO UPDATE SET
    size = excluded.size, modified_ms = excluded.modified_ms, current = 1, state = excluded.state, api = excluded.api,
    recipe_id = excluded.recipe_id, code = excluded.code, reason = excluded.reason, due_at = excluded.due_at,
    updated_at = excluded.updated_at
`;
const BEGUN = `${VERSION}, forgiven = excluded.forgiven`;
const DONE = `${VERSION}, result = excluded.result, fingerprint = excluded.fingerprint, reused = excluded.reused,
  ${ALL_FORGIVEN}`;
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

export function createVersionEntries(database: Database, records: Records, now: () => Date): VersionEntries {
  const recipes = createRecipes(database);
  const begun = database.prepare(BEGUN);
  const done = database.prepare(DONE);
  const settled = database.prepare(VERSION);
  const touched = database.prepare(TOUCH);
  const reopened = database.prepare(REOPEN_FAILED);
  const othersAreOld = database.prepare(OTHERS_ARE_OLD);
  const othersAreReplaced = database.prepare(OTHERS_ARE_REPLACED);
  const time = () => now().toISOString();
  /** New documents, by the one version that they have: most never get another, and need no look at it. */
  const onlyVersions = new Map<string, string>();

  function mayHaveOthers(document: string, sha256: string, state: DocumentState): boolean {
    if (records.get(document) === undefined && !onlyVersions.has(document)) onlyVersions.set(document, sha256);
    const hasOthers = onlyVersions.get(document) !== sha256;
    if (hasOthers || state !== 'pending') onlyVersions.delete(document);
    return hasOthers;
  }

  function write(statement: Statement<never>, of: DocumentVersion, values: VersionValues): Effect {
    const { document, sha256 } = keyOf(of);
    const { state, api, recipe, dueAt } = values;
    const known = recipe === null ? () => undefined : recipes.write(recipe);
    const hasOthers = mayHaveOthers(document, sha256, state);
    statement.run(rowOf(of, values, time()));
    if (hasOthers && state === 'done') othersAreReplaced.run({ document, sha256, now: time() });
    if (hasOthers && state !== 'done') othersAreOld.run({ document, sha256 });
    const { size, mtimeMs } = of.document;
    const noted = records.noted(document, { state, size, mtimeMs, api, recipe: recipe?.hash ?? null, dueAt });
    return () => {
      known();
      noted();
    };
  }

  return {
    begin: (attempt) => {
      const { recipe, forgiven } = attempt;
      return write(begun, attempt, { ...NOTHING_SAID, state: 'pending', api: recipe.api, recipe, forgiven });
    },
    settle: (settlement) =>
      write(settlement.state === 'done' ? done : settled, settlement, { ...NOTHING_SAID, ...settlement }),
    touch: (version) => {
      const { document, sha256 } = keyOf(version);
      const { size, mtimeMs } = version.document;
      touched.run({ document, sha256, size, mtimeMs, now: time() });
      othersAreOld.run({ document, sha256 });
      return records.changed(document);
    },
    reopen: (id) => {
      reopened.run({ document: id, now: time() });
      return records.changed(id);
    },
  };
}

interface VersionValues {
  readonly state: DocumentState;
  readonly api: string;
  readonly recipe: RecipeIdentity | null;
  readonly code: string | null;
  readonly reason: string | null;
  readonly dueAt: number | null;
  readonly result: string | null;
  readonly fingerprint: string | null;
  readonly reused: boolean;
  readonly forgiven: number;
}

const NOTHING_SAID = {
  code: null,
  reason: null,
  dueAt: null,
  result: null,
  fingerprint: null,
  reused: false,
  forgiven: 0,
} as const;

/** Written out: spread objects take as long as the statement itself. */
function rowOf(of: DocumentVersion, values: VersionValues, now: string): SqlValues {
  const { document, sha256 } = keyOf(of);
  const { size, mtimeMs } = of.document;
  const { state, api, code, reason, result, fingerprint, forgiven } = values;
  const recipe = values.recipe === null ? null : values.recipe.hash;
  const dueAt = values.dueAt === null ? null : new Date(values.dueAt).toISOString();
  const reused = Number(values.reused);
  return {
    document,
    sha256,
    size,
    mtimeMs,
    state,
    api,
    recipe,
    code,
    reason,
    dueAt,
    result,
    fingerprint,
    reused,
    forgiven,
    now,
  };
}
