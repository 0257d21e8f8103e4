import type { DocumentRecord, DocumentState } from '../domain/ledger.ts';
import type { Effect } from './group-commit.ts';
import type { Database, Statement } from './sqlite.ts';

interface RecordRow {
  readonly id: number;
  readonly document: string;
  readonly size: number;
  readonly mtimeMs: number;
  /** JSON of state, API, recipe and due time. */
  readonly status: string;
}

/** What very many rows have in common is one text, parsed once: to hand over columns takes the driver longest. */
const CURRENT = `
  SELECT version_id AS id, document, size, modified_ms AS mtimeMs,
    json_array(state, versions.api, hash, due_at) AS status
  FROM versions LEFT JOIN recipes USING (recipe_id)
`;
const PAGE = `${CURRENT} WHERE current AND version_id > ? ORDER BY version_id LIMIT 2000`;
const ONE = `${CURRENT} WHERE current AND document = ?`;

/** The current version of each document, in memory. What reads throws `DiskError`. */
export class Records {
  readonly #pages: Statement<RecordRow>;
  readonly #one: Statement<RecordRow>;
  #records = new Map<string, DocumentRecord>();

  constructor(database: Database) {
    this.#pages = database.prepare(PAGE);
    this.#one = database.prepare(ONE);
    this.refresh();
  }

  get(id: string): DocumentRecord | undefined {
    return this.#records.get(id);
  }

  set(id: string, record: DocumentRecord): void {
    this.#records.set(id, record);
  }

  /** Reads what a transaction made of a document. It is remembered when that is committed. */
  changed(id: string): Effect {
    const row = this.#one.get([id]);
    return () => {
      if (row !== undefined) this.set(id, { size: row.size, mtimeMs: row.mtimeMs, ...statusOf(row.status) });
    };
  }

  /** Reads all again. */
  refresh(): void {
    const records = new Map<string, DocumentRecord>();
    const shared = new Map<string, ReturnType<typeof statusOf>>();
    for (let rows = this.#pages.all([0]); rows.length > 0; rows = this.#pages.all([rows.at(-1)?.id ?? 0])) {
      for (const { document, size, mtimeMs, status } of rows) {
        const known = shared.get(status) ?? statusOf(status);
        shared.set(status, known);
        const { state, api, recipe, dueAt } = known;
        records.set(document, { state, size, mtimeMs, api, recipe, dueAt });
      }
    }
    this.#records = records;
  }
}

function statusOf(json: string): Omit<DocumentRecord, 'size' | 'mtimeMs'> {
  type Columns = readonly [state: DocumentState, api: string, recipe: string | null, dueAt: string | null];
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the SQL above says what it is
  const [state, api, recipe, dueAt] = JSON.parse(json) as Columns;
  return { state, api, recipe, dueAt: dueAt === null ? null : Date.parse(dueAt) };
}
