import type { ReplyHead } from '../domain/attempt.ts';
import type { BegunAttempt, DocumentVersion, EndedAttempt, RecipeIdentity, Settlement } from '../domain/ledger.ts';
import type { Effect } from './group-commit.ts';
import { besideToJson } from './lookups.ts';
import type { Records } from './records.ts';
import type { Database, SqlValue } from './sqlite.ts';

/** A call that is in flight: what is written again when it has ended. */
interface CallInFlight {
  readonly number: number;
  readonly recipeId: number;
  readonly bodySha256: string;
  readonly reservedUsd: number | null;
  /** Its end is about to be written. */
  isEnding: boolean;
}

/** A version between its first attempt and what becomes of it, at hand so that its row is not searched for. */
interface OpenVersion {
  readonly sha256: string;
  /** The document has no other version. */
  readonly isOnly: boolean;
  /** Null until it is committed. */
  versionId: number | null;
  call: CallInFlight | null;
}

interface BegunRow {
  readonly versionId: number;
  readonly recipeId: number;
  readonly bodySha256: string;
  readonly reservedUsd: number | null;
}

/** The attempts so far no longer count. */
const FORGIVEN = 'forgiven = last_number';

/** Takes versions back into work. Which ones, a WHERE that follows says; the value is the time. */
export const REOPEN = `
  UPDATE versions SET state = 'pending', code = NULL, reason = NULL, due_at = NULL, ${FORGIVEN}, updated_at = ?
`;

/** For a document that comes for the first time, as most do: nothing is handed back, and nothing done where it is there. */
const FIRST_BEGUN = `
  INSERT INTO versions (document, sha256, size, modified_ms, current, state, api, recipe_id, forgiven, updated_at,
    last_number, call_begun_at, call_body_sha256, call_reserved_usd)
  VALUES (?, ?, ?, ?, 1, 'pending', ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (document, sha256) DO NOTHING
`;
const BEGUN = `
  ${FIRST_BEGUN.replace('DO NOTHING', 'DO UPDATE SET')}
    size = excluded.size, modified_ms = excluded.modified_ms, current = 1, state = 'pending', api = excluded.api,
    recipe_id = excluded.recipe_id, forgiven = excluded.forgiven, updated_at = excluded.updated_at,
    last_number = excluded.last_number, call_begun_at = excluded.call_begun_at,
    call_body_sha256 = excluded.call_body_sha256, call_reserved_usd = excluded.call_reserved_usd, call_status = NULL,
    call_generation_id = NULL, code = NULL, reason = NULL, due_at = NULL
  RETURNING version_id AS versionId
`;
const HEAD = `
  UPDATE versions SET call_status = ?, call_generation_id = ?
  WHERE document = ? AND sha256 = ? AND last_number = ? AND call_begun_at IS NOT NULL
`;
const BEGUN_ROW = `
  SELECT version_id AS versionId, recipe_id AS recipeId, call_body_sha256 AS bodySha256,
    call_reserved_usd AS reservedUsd
  FROM versions WHERE document = ? AND sha256 = ? AND last_number = ? AND call_begun_at IS NOT NULL
`;
/** What is written twice takes the place of what was written before. */
const ENDED = `
  INSERT OR REPLACE INTO calls (version_id, number, recipe_id, body_sha256, sending_at, reserved_usd, status,
    generation_id, ended_at, seconds, code, message, provider, served_model, verdict, billing, cost_usd, prompt_tokens,
    cached_tokens, completion_tokens, counts, fingerprint, reply_key, cut, extras, text)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
`;
/** What is known of a result stays as it was: it still lies in the outbox. */
const SETTLED = `
  INSERT INTO versions (document, sha256, size, modified_ms, current, state, api, recipe_id, code, reason, due_at,
    updated_at)
  VALUES (?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (document, sha256) DO UPDATE SET
    size = excluded.size, modified_ms = excluded.modified_ms, current = 1, state = excluded.state, api = excluded.api,
    recipe_id = excluded.recipe_id, code = excluded.code, reason = excluded.reason, due_at = excluded.due_at,
    updated_at = excluded.updated_at
`;
const DONE = `
  INSERT INTO versions (document, sha256, size, modified_ms, current, state, api, recipe_id, updated_at, result,
    fingerprint, reused)
  VALUES (?, ?, ?, ?, 1, 'done', ?, ?, ?, ?, ?, ?)
  ON CONFLICT (document, sha256) DO UPDATE SET
    size = excluded.size, modified_ms = excluded.modified_ms, current = 1, state = 'done', api = excluded.api,
    recipe_id = excluded.recipe_id, code = NULL, reason = NULL, due_at = NULL, updated_at = excluded.updated_at,
    result = excluded.result, fingerprint = excluded.fingerprint, reused = excluded.reused, ${FORGIVEN}
`;
/** Of an open version whose calls have all ended: nothing is searched for, and what was known of a call is in `calls`. */
const OPEN_DONE = `
  UPDATE versions SET size = ?, modified_ms = ?, current = 1, state = 'done', api = ?, recipe_id = ?, code = NULL,
    reason = NULL, due_at = NULL, updated_at = ?, result = ?, fingerprint = ?, reused = ?, ${FORGIVEN},
    call_begun_at = NULL, call_body_sha256 = NULL, call_reserved_usd = NULL, call_status = NULL, call_generation_id = NULL
  WHERE version_id = ?
`;
const TOUCHED = `
  UPDATE versions SET size = ?, modified_ms = ?, current = 1, updated_at = ? WHERE document = ? AND sha256 = ?
`;
/** What is meanwhile held is a person's to release. */
const REOPENED = `${REOPEN} WHERE document = ? AND current AND state IN ('failed', 'pending')`;
/** Run when the version is there: a document is never without a current one. */
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

/**
 * Writes versions, calls and recipes: each call of a method within a transaction, and harmlessly again. What a method
 * returns is to be called when that is committed.
 */
export class Writes {
  readonly #records: Records;
  readonly #now: () => Date;
  readonly #statements: ReturnType<typeof prepareAll>;
  /** By document. */
  readonly #open = new Map<string, OpenVersion>();
  /** By hash, as they are written: few recipes serve very many documents. */
  readonly #recipes = new Map<string, { readonly id: number; readonly name: string }>();

  constructor(database: Database, records: Records, now: () => Date) {
    this.#records = records;
    this.#now = now;
    this.#statements = prepareAll(database);
  }

  begin(attempt: BegunAttempt): Effect {
    const { document, recipe, number, startedAt, bodySha256, forgiven, reservedUsd } = attempt;
    const { id, size, mtimeMs } = document;
    const sha256 = keyOf(attempt);
    const { api, hash } = recipe;
    const recipeId = this.#recipeId(recipe);
    const known = this.#records.get(id);
    const version = this.#opened(id, sha256, known === undefined);
    const now = this.#time();
    const values = [
      id,
      sha256,
      size,
      mtimeMs,
      api,
      recipeId,
      forgiven,
      now,
      number,
      startedAt,
      bodySha256,
      reservedUsd,
    ];
    const firstId = known === undefined ? this.#statements.firstBegun.insert(values) : null;
    const versionId = firstId ?? this.#statements.begun.only(values).versionId;
    if (!version.isOnly) this.#statements.othersAreOld.run([id, sha256]);
    return () => {
      this.#remember(recipe, recipeId);
      version.versionId = versionId;
      version.call = { number, recipeId, bodySha256, reservedUsd, isEnding: false };
      this.#records.set(id, { state: 'pending', size, mtimeMs, api, recipe: hash, dueAt: null });
    };
  }

  /** Nothing where the end was announced: it says the same. */
  head(version: DocumentVersion, number: number, { status, generationId }: ReplyHead): void {
    const sha256 = keyOf(version);
    const open = this.#openOf(version.document.id, sha256);
    if (open?.call?.number === number && open.call.isEnding) return;
    this.#statements.head.run([status, generationId, version.document.id, sha256, number]);
  }

  /** The end of an attempt is about to be written. */
  announceEnd({ document, sha256, record }: EndedAttempt): void {
    const call = this.#openOf(document.id, sha256 ?? '')?.call ?? null;
    if (call?.number === record.number) call.isEnding = true;
  }

  end(attempt: EndedAttempt): Effect {
    const { document, record, answer, reply } = attempt;
    const { number, startedAt, seconds } = record;
    const open = this.#openOf(document.id, keyOf(attempt));
    const { versionId, recipeId, bodySha256, reservedUsd } = this.#begun(attempt, open);
    const endedAt = new Date(Date.parse(startedAt) + seconds * 1000).toISOString();
    const brought = broughtBy(answer, reply);
    this.#statements.ended.run([
      versionId,
      number,
      recipeId,
      bodySha256,
      startedAt,
      reservedUsd,
      record.status,
      record.generationId,
      endedAt,
      seconds,
      record.code,
      record.message,
      record.provider,
      record.model,
      record.verdict,
      record.billing,
      record.costUsd,
      record.promptTokens,
      record.cachedTokens,
      record.completionTokens,
      record.counts ? 1 : 0,
      answer?.fingerprint ?? null,
      brought.replyKey,
      brought.cut,
      brought.extras,
      brought.text,
    ]);
    return () => {
      if (open?.call?.number === number) open.call = null;
    };
  }

  settle(settlement: Settlement): Effect {
    const { document, state, api, recipe } = settlement;
    const { id, size, mtimeMs } = document;
    const sha256 = keyOf(settlement);
    const recipeId = recipe === null ? null : this.#recipeId(recipe);
    const open = this.#openOf(id, sha256);
    const now = this.#time();
    let dueAt: number | null = null;
    if (settlement.state === 'done') {
      const { result, fingerprint } = settlement;
      const made = [now, result, fingerprint, settlement.reused ? 1 : 0];
      if (open?.versionId != null && open.call === null)
        this.#statements.openDone.run([size, mtimeMs, api, recipeId, ...made, open.versionId]);
      else this.#statements.done.run([id, sha256, size, mtimeMs, api, recipeId, ...made]);
      if (open?.isOnly !== true) this.#statements.othersAreReplaced.run([id, sha256, now]);
    } else {
      const [code, reason] = settlement.state === 'pending' ? [null, null] : [settlement.code, settlement.reason];
      if (settlement.state === 'pending') dueAt = settlement.dueAt;
      const due = dueAt === null ? null : new Date(dueAt).toISOString();
      this.#statements.settled.run([id, sha256, size, mtimeMs, state, api, recipeId, code, reason, due, now]);
      if (open?.isOnly !== true) this.#statements.othersAreOld.run([id, sha256]);
    }
    return () => {
      if (recipe !== null && recipeId !== null) this.#remember(recipe, recipeId);
      if (open?.call === null) this.#open.delete(id);
      this.#records.set(id, { state, size, mtimeMs, api, recipe: recipe?.hash ?? null, dueAt });
    };
  }

  touch(version: DocumentVersion): Effect {
    const { id, size, mtimeMs } = version.document;
    const sha256 = keyOf(version);
    this.#statements.touched.run([size, mtimeMs, this.#time(), id, sha256]);
    this.#statements.othersAreOld.run([id, sha256]);
    return this.#records.changed(id);
  }

  reopen(id: string): Effect {
    this.#statements.reopened.run([this.#time(), id]);
    return this.#records.changed(id);
  }

  /** What is at hand of a version that is about to be asked. */
  #opened(id: string, sha256: string, isNew: boolean): OpenVersion {
    const open = this.#open.get(id);
    if (open?.sha256 === sha256) return open;
    const opened = { sha256, isOnly: isNew && open === undefined, versionId: null, call: null };
    this.#open.set(id, opened);
    return opened;
  }

  #openOf(id: string, sha256: string): OpenVersion | undefined {
    const open = this.#open.get(id);
    return open?.sha256 === sha256 ? open : undefined;
  }

  #begun(attempt: EndedAttempt, open: OpenVersion | undefined): BegunRow {
    const { number } = attempt.record;
    if (open?.versionId != null && open.call?.number === number) return { ...open.call, versionId: open.versionId };
    const row = this.#statements.begunRow.get([attempt.document.id, keyOf(attempt), number]);
    if (row === undefined) throw new Error(`attempt ${number} of ${attempt.document.id} ended and was never begun`);
    return row;
  }

  #recipeId({ hash, name, model, api }: RecipeIdentity): number {
    const written = this.#recipes.get(hash);
    return written?.name === name ? written.id : this.#statements.recipe.only([hash, name, model, api]).id;
  }

  #remember({ hash, name }: RecipeIdentity, id: number): void {
    if (this.#recipes.get(hash)?.name !== name) this.#recipes.set(hash, { id, name });
  }

  #time(): string {
    return this.#now().toISOString();
  }
}

function prepareAll(database: Database) {
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
    reopened: database.prepare(REOPENED),
    othersAreOld: database.prepare(OTHERS_ARE_OLD),
    othersAreReplaced: database.prepare(OTHERS_ARE_REPLACED),
    recipe: database.prepare<{ readonly id: number }>(RECIPE),
  };
}

/** What a version stands under beside its document; one that was never read whole, under an empty hash. */
function keyOf({ sha256 }: DocumentVersion): string {
  return sha256 ?? '';
}

const NOTHING = { replyKey: null, cut: null, extras: null, text: null };

/** The columns of what a call brought: an answer, or a reply that is kept until there is one. */
function broughtBy(
  answer: EndedAttempt['answer'],
  reply: EndedAttempt['reply'],
): Readonly<Record<keyof typeof NOTHING, SqlValue>> {
  if (answer !== null) return { ...NOTHING, extras: besideToJson(answer), text: answer.text };
  if (reply === null) return NOTHING;
  const extras = besideToJson({ extras: reply.extras, notes: [] });
  return { replyKey: reply.key, cut: reply.cut ? 1 : 0, extras, text: reply.text };
}
