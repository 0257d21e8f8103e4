import { type ReplyHead, unheard } from '../domain/attempt.ts';
import { type DocumentRef, type FileState, isSameState } from '../domain/document.ts';
import type { BegunAttempt, DocumentVersion, EndedAttempt, RecipeIdentity, Settlement } from '../domain/ledger.ts';
import type { Effect } from './group-commit.ts';
import { besideToJson, leftOutToJson, readersToText } from './lookups.ts';
import type { Records } from './records.ts';
import type { Database } from './sqlite.ts';
import { type BegunRow, prepareWrites } from './write-statements.ts';

/** A call that is in flight, with what is written again when it ends. */
interface CallInFlight extends BegunRow {
  readonly number: number;
  readonly startedAt: string;
  /** Its end is about to be written. */
  isEnding: boolean;
}

/** A version from its first attempt until it is settled, in memory so that its row need not be searched for. */
interface OpenVersion {
  readonly sha256: string;
  /** The document has no other version. */
  readonly isOnly: boolean;
  /** Null until it is committed. */
  versionId: number | null;
  call: CallInFlight | null;
}

/** Of an attempt whose end was never written: the process died, or a bug cut the attempt off. */
export const PROCESS_DIED = { code: 'process-died', message: 'The process died during the call.' } as const;

/**
 * Writes versions, calls and recipes. Each method runs within a transaction, and may be repeated; what it returns is called
 * when that is committed.
 */
export class Writes {
  readonly #records: Records;
  readonly #now: () => Date;
  readonly #statements: ReturnType<typeof prepareWrites>;
  /** The last time that was written. */
  #timeMs = Number.NaN;
  #iso = '';
  /** By document. */
  readonly #open = new Map<string, OpenVersion>();
  /** By hash, as they are written: few recipes serve very many documents. */
  readonly #recipes = new Map<string, { readonly id: number; readonly name: string }>();

  constructor(database: Database, records: Records, now: () => Date) {
    this.#records = records;
    this.#now = now;
    this.#statements = prepareWrites(database);
  }

  begin(attempt: BegunAttempt): Effect {
    const { document, recipe, number, startedAt, bodySha256, forgiven, reservedUsd } = attempt;
    const { id } = document;
    const state = stateOf(document);
    const sha256 = keyOf(attempt);
    const { api, hash } = recipe;
    const recipeId = this.#recipeId(recipe);
    const known = this.#records.get(id);
    let version = this.#openOf(id, sha256);
    if (version === undefined) {
      version = { sha256, isOnly: known === undefined && !this.#open.has(id), versionId: null, call: null };
      this.#open.set(id, version);
    }
    // A version's row has room for one call: an older one that is still there may have been billed.
    if (version.call !== null && version.call.number !== number) {
      const record = unheard({ ...version.call, seconds: 0, ...PROCESS_DIED });
      this.end({ document, sha256: attempt.sha256, record, answer: null, reply: null });
    }
    const now = this.#time();
    const call = [number, startedAt, bodySha256, reservedUsd];
    const row = [id, sha256, ...columnsOf(state), api, recipeId, forgiven, now, ...call];
    const firstId = known === undefined ? this.#statements.firstBegun.insert(row) : null;
    const versionId = firstId ?? this.#statements.begun.only(row).versionId;
    if (!version.isOnly) this.#statements.othersAreOld.run([id, sha256]);
    return () => {
      this.#remember(recipe, recipeId);
      version.versionId = versionId;
      version.call = { versionId, number, startedAt, recipeId, bodySha256, reservedUsd, isEnding: false };
      this.#records.set(id, { state: 'pending', ...state, api, recipe: hash, dueAt: null, readers: null });
    };
  }

  /** Writes nothing if the end was announced, which says the same. */
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
    const kept = answer === null ? reply : null;
    const brought = answer ?? reply;
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
      record.costFrom,
      record.promptTokens,
      record.cachedTokens,
      record.completionTokens,
      record.counts ? 1 : 0,
      answer?.fingerprint ?? null,
      kept?.key ?? null,
      kept === null ? null : Number(kept.cut),
      brought === null ? null : besideToJson(brought.extras, answer?.notes ?? []),
      readersToText(answer?.readers ?? null),
      leftOutToJson(answer?.leftOut ?? {}),
      brought?.text ?? null,
    ]);
    return () => {
      if (open?.call?.number === number) open.call = null;
    };
  }

  settle(settlement: Settlement): Effect {
    const { document, state, api, recipe } = settlement;
    const { id } = document;
    const file = stateOf(document);
    const columns = columnsOf(file);
    const sha256 = keyOf(settlement);
    const recipeId = recipe === null ? null : this.#recipeId(recipe);
    const open = this.#openOf(id, sha256);
    const now = this.#time();
    const dueAt = settlement.state === 'pending' ? settlement.dueAt : null;
    if (settlement.state === 'done') {
      const { result, fingerprint } = settlement;
      const made = [now, result, fingerprint, settlement.reused ? 1 : 0, readersToText(settlement.readers)];
      if (open?.versionId != null && open.call === null)
        this.#statements.openDone.run([...columns, api, recipeId, ...made, open.versionId]);
      else this.#statements.done.run([id, sha256, ...columns, api, recipeId, ...made]);
      if (open?.isOnly !== true) this.#statements.othersAreReplaced.run([id, sha256, now]);
    } else {
      const [code, reason] = settlement.state === 'pending' ? [null, null] : [settlement.code, settlement.reason];
      const due = dueAt === null ? null : new Date(dueAt).toISOString();
      this.#statements.settled.run([id, sha256, ...columns, state, api, recipeId, code, reason, due, now]);
      if (open?.isOnly !== true) this.#statements.othersAreOld.run([id, sha256]);
    }
    return () => {
      if (recipe !== null && recipeId !== null) this.#remember(recipe, recipeId);
      // Also another version of it: when that is begun again, it is no longer the only one.
      if (this.#open.get(id)?.call === null) this.#open.delete(id);
      const readers = settlement.state === 'done' ? settlement.readers : null;
      this.#records.set(id, { state, ...file, api, recipe: recipe?.hash ?? null, dueAt, readers });
    };
  }

  touch(version: DocumentVersion): Effect {
    const { id } = version.document;
    const sha256 = keyOf(version);
    this.#statements.touched.run([...columnsOf(stateOf(version.document)), this.#time(), id, sha256]);
    this.#statements.othersAreOld.run([id, sha256]);
    return this.#records.changed(id);
  }

  completeState(document: DocumentRef): Effect {
    const { id } = document;
    const { size, mtimeMs, ctimeMs, inode } = stateOf(document);
    this.#statements.completed.run([ctimeMs, inode, id, size, mtimeMs]);
    return () => {
      const record = this.#records.get(id);
      if (record?.ctimeMs === null && isSameState(record, document))
        this.#records.set(id, { ...record, ctimeMs, inode });
    };
  }

  reopen(id: string): Effect {
    this.#statements.reopened.run([this.#time(), id]);
    return this.#records.changed(id);
  }

  #openOf(id: string, sha256: string): OpenVersion | undefined {
    const open = this.#open.get(id);
    return open?.sha256 === sha256 ? open : undefined;
  }

  #begun(attempt: EndedAttempt, open: OpenVersion | undefined): BegunRow {
    const { number } = attempt.record;
    if (open?.call?.number === number) return open.call;
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

  /** ISO 8601, UTC: made once for all writes of a millisecond, as most of a group are. */
  #time(): string {
    const now = this.#now();
    if (now.getTime() !== this.#timeMs) {
      this.#timeMs = now.getTime();
      this.#iso = now.toISOString();
    }
    return this.#iso;
  }
}

type KnownState = Required<FileState>;

function stateOf({ size, mtimeMs, ctimeMs = null, inode = null }: FileState): KnownState {
  return { size, mtimeMs, ctimeMs, inode };
}

/** In the order of the statements. */
function columnsOf({ size, mtimeMs, ctimeMs, inode }: KnownState): readonly (number | null)[] {
  return [size, mtimeMs, ctimeMs, inode];
}

/** The hash that tells versions of a document apart; empty for one that was never read whole. */
function keyOf({ sha256 }: DocumentVersion): string {
  return sha256 ?? '';
}
