import type { BegunAttempt, DocumentState, DocumentVersion, RecipeIdentity, Settlement } from '../domain/ledger.ts';
import type { Effect } from './group-commit.ts';
import type { Records } from './records.ts';
import type { Database, SqlValue, Statement } from './sqlite.ts';
import { keyOf, prepareVersionStatements, type VersionStatements } from './version-statements.ts';

/** A version with an attempt that is about to be recorded. */
export interface BegunVersion {
  readonly versionId: number;
  readonly recipeId: number;
  /** Whether it has no attempts yet. */
  readonly isNew: boolean;
  readonly effect: Effect;
}

/** Writes what becomes of document versions: within a transaction, and harmlessly again. */
export class VersionEntries {
  readonly #records: Records;
  readonly #recipes: Recipes;
  readonly #newcomers: Newcomers;
  readonly #statements: VersionStatements;
  readonly #now: () => Date;

  constructor(database: Database, records: Records, now: () => Date) {
    this.#records = records;
    this.#recipes = createRecipes(database);
    this.#newcomers = createNewcomers(records);
    this.#statements = prepareVersionStatements(database);
    this.#now = now;
  }

  begin(attempt: BegunAttempt): BegunVersion {
    const { recipe, forgiven } = attempt;
    const { document, sha256 } = keyOf(attempt);
    const values = { state: 'pending', api: recipe.api, recipe, forgiven } as const;
    const { id: recipeId, effect: recipeNoted } = this.#recipes.write(recipe);
    const row = rowOf(attempt, values, { recipeId, versionId: null }, this.#time());
    const newId = this.#records.get(document) === undefined ? this.#statements.newBegun.insert(row) : null;
    const versionId = newId ?? this.#statements.begun.only(row).versionId;
    const newcomer = this.#newcomers.of(document, sha256);
    if (newcomer === null) this.#othersStepBack(attempt, 'pending');
    const versionNoted = this.#noted(attempt, values);
    const effect = () => {
      recipeNoted();
      versionNoted();
      if (newcomer !== null) newcomer.versionId = versionId;
    };
    return { versionId, recipeId, isNew: newId !== null, effect };
  }

  settle(settlement: Settlement): Effect {
    const { document, sha256 } = keyOf(settlement);
    const { state } = settlement;
    const { id: recipeId, effect: recipeNoted } = this.#recipeOf(settlement);
    const newcomer = this.#newcomers.of(document, sha256);
    const versionId = newcomer?.versionId ?? null;
    this.#statementFor(state, versionId).run(rowOf(settlement, settlement, { recipeId, versionId }, this.#time()));
    if (newcomer === null) this.#othersStepBack(settlement, state);
    if (state !== 'pending') this.#newcomers.settled(document);
    const versionNoted = this.#noted(settlement, settlement);
    return () => {
      recipeNoted();
      versionNoted();
    };
  }

  touch(version: DocumentVersion): Effect {
    const { document, sha256 } = keyOf(version);
    const { size, mtimeMs } = version.document;
    this.#statements.touched.run({ document, sha256, size, mtimeMs, now: this.#time() });
    this.#statements.othersAreOld.run({ document, sha256 });
    return this.#records.changed(document);
  }

  reopen(id: string): Effect {
    this.#statements.reopened.run({ document: id, now: this.#time() });
    return this.#records.changed(id);
  }

  #recipeOf({ recipe }: Settlement): { readonly id: number | null; readonly effect: Effect } {
    return recipe === null ? { id: null, effect: () => undefined } : this.#recipes.write(recipe);
  }

  #statementFor(state: DocumentState, versionId: number | null): Statement<never> {
    if (state !== 'done') return this.#statements.settled;
    return versionId === null ? this.#statements.done : this.#statements.newDone;
  }

  #othersStepBack(of: DocumentVersion, state: DocumentState): void {
    const { document, sha256 } = keyOf(of);
    if (state === 'done') this.#statements.othersAreReplaced.run({ document, sha256, now: this.#time() });
    else this.#statements.othersAreOld.run({ document, sha256 });
  }

  #noted(of: DocumentVersion, { state, api, recipe, dueAt = null }: VersionValues): Effect {
    const { id, size, mtimeMs } = of.document;
    return this.#records.noted(id, { state, size, mtimeMs, api, recipe: recipe?.hash ?? null, dueAt });
  }

  #time(): string {
    return this.#now().toISOString();
  }
}

interface VersionValues {
  readonly state: DocumentState;
  readonly api: string;
  readonly recipe: RecipeIdentity | null;
  readonly code?: string;
  readonly reason?: string;
  readonly dueAt?: number | null;
  readonly result?: string;
  readonly fingerprint?: string | null;
  readonly reused?: boolean;
  readonly forgiven?: number;
}

interface Ids {
  readonly recipeId: number | null;
  /** Null where it is found by document and hash. */
  readonly versionId: number | null;
}

type VersionRow = Readonly<Record<string, SqlValue>>;

/** Written out: spread objects take as long as the statement itself. */
function rowOf(of: DocumentVersion, values: VersionValues, ids: Ids, now: string): VersionRow {
  const { document, sha256 } = keyOf(of);
  const { size, mtimeMs } = of.document;
  const { state, api, code = null, reason = null, result = null, fingerprint = null, forgiven = 0 } = values;
  const dueAt = values.dueAt == null ? null : new Date(values.dueAt).toISOString();
  const reused = Number(values.reused ?? false);
  const { recipeId, versionId } = ids;
  return {
    document,
    sha256,
    size,
    mtimeMs,
    state,
    api,
    recipeId,
    code,
    reason,
    dueAt,
    result,
    fingerprint,
    reused,
    forgiven,
    versionId,
    now,
  };
}

/** The one version of a document that came for the first time. */
interface Newcomer {
  readonly sha256: string;
  /** Null until that is committed. */
  versionId: number | null;
}

/** Documents that came for the first time, until they are settled: most never get another version to look for. */
interface Newcomers {
  /** Null where the document may have other versions than this one. */
  of(document: string, sha256: string): Newcomer | null;
  settled(document: string): void;
}

function createNewcomers(records: Records): Newcomers {
  const newcomers = new Map<string, Newcomer>();

  function knownOrNew(document: string, sha256: string): Newcomer | undefined {
    const known = newcomers.get(document);
    if (known !== undefined || records.get(document) !== undefined) return known;
    const newcomer = { sha256, versionId: null };
    newcomers.set(document, newcomer);
    return newcomer;
  }

  return {
    of: (document, sha256) => {
      const newcomer = knownOrNew(document, sha256);
      if (newcomer?.sha256 === sha256) return newcomer;
      newcomers.delete(document);
      return null;
    },
    settled: (document) => void newcomers.delete(document),
  };
}

/** The recipes that versions and attempts refer to by their id. */
interface Recipes {
  write(recipe: RecipeIdentity): WrittenRecipe;
}

interface WrittenRecipe {
  readonly id: number;
  readonly effect: Effect;
}

interface Known {
  readonly id: number;
  readonly name: string;
}

const RECIPE = `
  INSERT INTO recipes (hash, name, model, api) VALUES (?, ?, ?, ?)
  ON CONFLICT (hash) DO UPDATE SET name = excluded.name
  RETURNING recipe_id AS id
`;

/** Few recipes serve very many documents: what is known to be written is not written again. */
function createRecipes(database: Database): Recipes {
  const insert = database.prepare<{ readonly id: number }>(RECIPE);
  const known = new Map<string, Known>();

  return {
    write: ({ hash, name, model, api }) => {
      const written = known.get(hash);
      if (written?.name === name) return { id: written.id, effect: () => undefined };
      const { id } = insert.only([hash, name, model, api]);
      return { id, effect: () => void known.set(hash, { id, name }) };
    },
  };
}
