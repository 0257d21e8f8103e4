import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DiskError } from '../domain/errors.ts';
import type { DocumentState } from '../domain/ledger.ts';
import type { LedgerAttempt, LedgerReader, ListedDocument, Spending, VersionHistory } from '../domain/receipt.ts';
import { damageMarkerIn, refuseFolder } from './files.ts';
import { askedSince, attemptRecord, CALL_COLUMNS, type CallRow, ownerLookup, readersFromText } from './lookups.ts';
import { type AnsweredResult, type FiledRow, RESULT_COLUMNS, receiptReader, recipeOf } from './receipts.ts';
import { IN_FLIGHT, STEPS, stepsTaken } from './schema.ts';
import { type Database, isUnopenable, type OpenOptions, openDatabase, type Statement } from './sqlite.ts';

/** Rows that are read at once: with more, the writer could not move its log meanwhile. */
const PAGE = 1000;

/** Of a version; `dueAt` is ISO 8601, UTC. */
type DocumentRow = Omit<ListedDocument, 'dueAt' | 'readers'> & Readonly<Record<'dueAt' | 'readers', string | null>>;

/** `endedAt` is null while it is in flight, and so is all that the end brings. */
type AttemptRow = (
  | (CallRow & { readonly endedAt: string })
  | (Pick<CallRow, 'number' | 'startedAt' | 'generationId'> & { readonly endedAt: null })
) & {
  readonly bodySha256: string;
  readonly askedModel: string;
};

/** Of a version; without a recipe, or a result, some columns are null. */
interface HistoryRow extends Omit<FiledRow, 'hash' | 'result' | 'fingerprint'> {
  readonly hash: string | null;
  readonly result: string | null;
  readonly fingerprint: string | null;
  readonly state: DocumentState;
  readonly mtimeMs: number;
  readonly current: number;
  readonly api: string;
  readonly code: string | null;
  readonly reason: string | null;
  readonly dueAt: string | null;
  readonly forgiven: number;
  /** Of a version that is done. */
  readonly readers: string | null;
}

/**
 * Reads the ledger of a workspace beside the process that works with it; `folder` is its `.sluice/`. Null if nothing was
 * recorded yet. It may leave SQLite's `ledger.db-wal` and `ledger.db-shm`, empty.
 *
 * @throws DiskError, also if another version of the program wrote it
 */
export function openLedgerReader(folder: string): LedgerReader | null {
  const database = openExisting(folder, { readonly: true });
  if (database === null) return null;
  return {
    documents: () => documents(database),
    inFlight: () => database.prepare<{ readonly calls: number }>(COUNT_IN_FLIGHT).only().calls,
    spending: () => database.prepare<Spending>(SPENDING).all(),
    history: (id) => history(database, id),
    ownerOf: ownerLookup(database),
    askedSince: (iso) => askedSince(database, iso),
    results: () => results(database),
    close: () => database.close(),
  };
}

const COUNT_IN_FLIGHT = `SELECT count(*) AS calls FROM versions WHERE ${IN_FLIGHT}`;

const SPENDING = `
  SELECT day, api, model, attempts, in_doubt AS inDoubt, cost_usd AS costUsd,
    cost_unknown_attempts AS costUnknownAttempts
  FROM spending ORDER BY day DESC, api, model`;

const DOCUMENTS = `
  SELECT document AS id, state, size, modified_ms AS mtimeMs, ctime_ms AS ctimeMs, inode, versions.api, hash AS recipe,
    due_at AS dueAt, iif(state = 'done', readers, NULL) AS readers, code, reason
  FROM versions LEFT JOIN recipes USING (recipe_id)
  WHERE current = 1 AND document > ? ORDER BY document LIMIT ${PAGE}`;

function* documents(database: Database): Iterable<ListedDocument> {
  for (const row of pages(database.prepare<DocumentRow>(DOCUMENTS)))
    yield { ...row, dueAt: timeOf(row.dueAt), readers: readersFromText(row.readers) };
}

/** An older version's result lies in the outbox until that of a newer one takes its place. */
const RESULTS = `
  SELECT ${RESULT_COLUMNS} FROM versions JOIN recipes USING (recipe_id)
  WHERE state = 'done' AND fingerprint IS NOT NULL AND document > ? ORDER BY document LIMIT ${PAGE}`;

function* results(database: Database): Iterable<AnsweredResult> {
  const read = receiptReader(database);
  for (const row of pages(database.prepare<FiledRow>(RESULTS))) {
    const result = read(row);
    if (result !== null) yield result;
  }
}

const HISTORY = `
  SELECT ${RESULT_COLUMNS}, modified_ms AS mtimeMs, current, state, versions.api, code, reason, due_at AS dueAt, forgiven,
    iif(state = 'done', readers, NULL) AS readers
  FROM versions LEFT JOIN recipes USING (recipe_id)
  WHERE document = ? ORDER BY current DESC, updated_at DESC, version_id DESC`;

const ATTEMPTS = `
  SELECT ${CALL_COLUMNS}, ended_at AS endedAt, body_sha256 AS bodySha256, recipes.model AS askedModel
  FROM attempts AS calls JOIN recipes USING (recipe_id)
  WHERE version_id = ? ORDER BY number`;

function history(database: Database, id: string): readonly VersionHistory[] {
  const receipts = receiptReader(database);
  const attempts = database.prepare<AttemptRow>(ATTEMPTS);
  return database
    .prepare<HistoryRow>(HISTORY)
    .all([id])
    .map((row) => ({ row, answered: wasAnswered(row) ? receipts(row) : null }))
    .map(({ row, answered }) => ({
      document: { id, size: row.size, mtimeMs: row.mtimeMs },
      sha256: row.sha256 === '' ? null : row.sha256,
      state: row.state,
      current: row.current === 1,
      api: row.api,
      recipe: wasAsked(row) ? recipeOf(row) : null,
      code: row.code,
      reason: row.reason,
      readers: readersFromText(row.readers),
      dueAt: timeOf(row.dueAt),
      updatedAt: row.updatedAt,
      attempts: attempts.all([row.versionId]).map((attempt) => ledgerAttempt(attempt, row.forgiven)),
      result: row.result,
      receipt: answered?.receipt ?? null,
      answer: answered?.answer ?? null,
    }));
}

/** `forgiven`: attempts up to this number no longer count. */
function ledgerAttempt(row: AttemptRow, forgiven: number): LedgerAttempt {
  const { number, startedAt, bodySha256, askedModel: model, generationId } = row;
  const record = row.endedAt === null ? null : attemptRecord(row);
  return { number, startedAt, bodySha256, model, generationId, record, counts: number > forgiven };
}

function wasAsked(row: HistoryRow): row is HistoryRow & { readonly hash: string } {
  return row.hash !== null;
}

function wasAnswered(row: HistoryRow): row is HistoryRow & FiledRow {
  return wasAsked(row) && row.result !== null && row.fingerprint !== null;
}

/** One row after another, in order of their documents. A slow caller holds up no writer. */
function* pages<Row extends { readonly id: string }>(statement: Statement<Row>): Generator<Row> {
  for (let rows = statement.all(['']); rows.length > 0; rows = statement.all([rows.at(-1)?.id ?? ''])) yield* rows;
}

function timeOf(text: string | null): number | null {
  return text === null ? null : Date.parse(text);
}

/**
 * Opens the ledger of a workspace beside the process that works with it; `folder` is its `.sluice/`. Null if nothing was
 * recorded yet. Makes no ledger, and never moves the log into the database: only the process that holds the workspace does.
 * Reads also from a folder that cannot be written to. After damage, the next start looks through the whole file.
 *
 * @throws DiskError, also if another version of the program wrote it
 */
export function openExisting(folder: string, options: OpenOptions): Database | null {
  const file = join(folder, 'ledger.db');
  if (!existsSync(file)) return null;
  refuseFolder(file);
  const watched = { ...options, onDamage: () => damageMarkerIn(folder).raise() };
  try {
    return openCurrent(file, watched);
  } catch (error) {
    if (options.readonly !== true || !isUnopenable(error)) throw error;
    // Rows in the log are not in the database yet.
    if ((statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0) throw error;
    // Where the files that readers share cannot be made, no process of ours can be writing either.
    return openCurrent(file, { ...watched, immutable: true });
  }
}

function openCurrent(file: string, options: OpenOptions): Database | null {
  const database = openDatabase(file, options);
  try {
    const taken = stepsTaken(database, file);
    if (taken === STEPS.length) return database;
    const howToMigrate = 'a run (with --once, for example) brings it up to date';
    if (taken > 0) throw new DiskError(`The ledger ${file} is of an older version of sluice: ${howToMigrate}.`);
  } catch (error) {
    database.close();
    throw error;
  }
  database.close();
  return null;
}
