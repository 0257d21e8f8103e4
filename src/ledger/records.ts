import type { DocumentRecord, DocumentState } from '../domain/ledger.ts';
import type { Effect } from './group-commit.ts';
import type { Database } from './sqlite.ts';

/** The current version of each document, in memory. */
export interface Records {
  get(id: string): DocumentRecord | undefined;
  set(id: string, record: DocumentRecord): void;
  /** Reads what a transaction made of a document. It is remembered when that is committed. */
  changed(id: string): Effect;
  /** Reads all again. */
  refresh(): void;
}

interface RecordRow {
  readonly id: number;
  readonly document: string;
  readonly size: number;
  readonly mtimeMs: number;
  /** JSON of state, API, recipe and due time. */
  readonly status: string;
}

/** What is the same in very many rows is one text, parsed once: the driver takes longest to hand over a column. */
const CURRENT = `
  SELECT version_id AS id, document, size, modified_ms AS mtimeMs,
    json_array(state, versions.api, hash, due_at) AS status
  FROM versions LEFT JOIN recipes USING (recipe_id)
`;
const PAGE = `${CURRENT} WHERE current AND version_id > ? ORDER BY version_id LIMIT 2000`;
const ONE = `${CURRENT} WHERE current AND document = ?`;

/** Throws `DiskError`. */
export function createRecords(database: Database): Records {
  const pages = database.prepare<RecordRow>(PAGE);
  const one = database.prepare<RecordRow>(ONE);
  let records = readAll();

  function readAll(): Map<string, DocumentRecord> {
    const read = new Map<string, DocumentRecord>();
    const shared = new Map<string, ReturnType<typeof statusOf>>();
    for (let rows = pages.all([0]); rows.length > 0; rows = pages.all([rows.at(-1)?.id ?? 0])) {
      for (const { document, size, mtimeMs, status } of rows) {
        const known = shared.get(status) ?? statusOf(status);
        shared.set(status, known);
        const { state, api, recipe, dueAt } = known;
        read.set(document, { state, size, mtimeMs, api, recipe, dueAt });
      }
    }
    return read;
  }

  return {
    get: (id) => records.get(id),
    set: (id, record) => void records.set(id, record),
    changed: (id) => {
      const row = one.get([id]);
      return () => {
        if (row !== undefined) records.set(id, { size: row.size, mtimeMs: row.mtimeMs, ...statusOf(row.status) });
      };
    },
    refresh: () => {
      records = readAll();
    },
  };
}

function statusOf(json: string): Omit<DocumentRecord, 'size' | 'mtimeMs'> {
  type Columns = readonly [state: DocumentState, api: string, recipe: string | null, dueAt: string | null];
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the SQL above says what it is
  const [state, api, recipe, dueAt] = JSON.parse(json) as Columns;
  return { state, api, recipe, dueAt: dueAt === null ? null : Date.parse(dueAt) };
}
