import type { FileState } from '../domain/document.ts';
import type { DocumentRecord, DocumentState } from '../domain/ledger.ts';
import type { Effect } from './group-commit.ts';
import { readersFromText } from './lookups.ts';
import type { Database, Statement } from './sqlite.ts';

/** `status` is JSON of state, API, recipe, due time and readers. */
type RecordRow = readonly [
  versionId: number,
  document: string,
  size: number,
  mtimeMs: number,
  ctimeMs: number | null,
  inode: number | null,
  status: string,
];

/** What very many rows have in common is one text, parsed once: to hand over columns takes the driver longest. */
const CURRENT = `
  SELECT version_id, document, size, modified_ms, ctime_ms, inode,
    json_array(state, versions.api, hash, due_at, iif(state = 'done', readers, NULL))
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
    this.#pages = database.prepare(PAGE, 'arrays');
    this.#one = database.prepare(ONE, 'arrays');
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
      if (row === undefined) return;
      const [, , size, mtimeMs, ctimeMs, inode, status] = row;
      this.set(id, { size, mtimeMs, ctimeMs, inode, ...statusOf(status) });
    };
  }

  /** Reads all again. */
  refresh(): void {
    const records = new Map<string, DocumentRecord>();
    const shared = new Map<string, ReturnType<typeof statusOf>>();
    for (let rows = this.#pages.all([0]); rows.length > 0; rows = this.#pages.all([rows.at(-1)?.[0] ?? 0])) {
      for (const [, document, size, mtimeMs, ctimeMs, inode, status] of rows) {
        const known = shared.get(status) ?? statusOf(status);
        shared.set(status, known);
        const { state, api, recipe, dueAt, readers } = known;
        records.set(document, { state, size, mtimeMs, ctimeMs, inode, api, recipe, dueAt, readers });
      }
    }
    this.#records = records;
  }
}

function statusOf(json: string): Omit<DocumentRecord, keyof FileState> {
  type Nullable = string | null;
  type Columns = readonly [state: DocumentState, api: string, recipe: Nullable, dueAt: Nullable, readers: Nullable];
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the SQL above says what it is
  const [state, api, recipe, dueAt, readers] = JSON.parse(json) as Columns;
  return { state, api, recipe, dueAt: dueAt === null ? null : Date.parse(dueAt), readers: readersFromText(readers) };
}
