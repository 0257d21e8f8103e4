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
  #table = new RecordTable();

  constructor(database: Database) {
    this.#pages = database.prepare(PAGE, 'arrays');
    this.#one = database.prepare(ONE, 'arrays');
    this.refresh();
  }

  get(id: string): DocumentRecord | undefined {
    return this.#table.get(id);
  }

  set(id: string, record: DocumentRecord): void {
    this.#table.set(id, record);
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
    const table = new RecordTable();
    const parsed = new Map<string, ReturnType<typeof statusOf>>();
    for (let rows = this.#pages.all([0]); rows.length > 0; rows = this.#pages.all([rows.at(-1)?.[0] ?? 0])) {
      for (const [, document, size, mtimeMs, ctimeMs, inode, status] of rows) {
        const known = parsed.get(status) ?? statusOf(status);
        parsed.set(status, known);
        const { state, api, recipe, dueAt, readers } = known;
        table.set(document, { state, size, mtimeMs, ctimeMs, inode, api, recipe, dueAt, readers });
      }
    }
    this.#table = table;
  }
}

function statusOf(json: string): Omit<DocumentRecord, keyof FileState> {
  type Nullable = string | null;
  type Columns = readonly [state: DocumentState, api: string, recipe: Nullable, dueAt: Nullable, readers: Nullable];
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the SQL above says what it is
  const [state, api, recipe, dueAt, readers] = JSON.parse(json) as Columns;
  return { state, api, recipe, dueAt: dueAt === null ? null : Date.parse(dueAt), readers: readersFromText(readers) };
}

/** What very many documents have in common. */
type Status = Pick<DocumentRecord, 'state' | 'api' | 'recipe' | 'readers'>;

/** Per document: size, mtime, ctime, inode, due time, and which status. NaN stands for null. */
const NUMBERS = 6;

/**
 * Records as a daemon can hold them for months, of hundreds of thousands of documents: with an object for each, 10,000
 * documents took 3.3 MB. What a document has for itself lies in an array of numbers; what it shares exists once.
 */
class RecordTable {
  readonly #rows = new Map<string, number>();
  readonly #statuses: Status[] = [];
  /** By all that a status holds. */
  readonly #statusNumbers = new Map<string, number>();
  #numbers = new Float64Array(NUMBERS);

  get(id: string): DocumentRecord | undefined {
    const row = this.#rows.get(id);
    if (row === undefined) return undefined;
    const numbers = this.#numbers;
    const at = row * NUMBERS;
    const status = this.#statuses[numbers[at + 5] ?? 0];
    if (status === undefined) return undefined;
    return {
      state: status.state,
      size: numbers[at] ?? 0,
      mtimeMs: numbers[at + 1] ?? 0,
      ctimeMs: orNull(numbers[at + 2]),
      inode: orNull(numbers[at + 3]),
      api: status.api,
      recipe: status.recipe,
      dueAt: orNull(numbers[at + 4]),
      readers: status.readers,
    };
  }

  set(id: string, record: DocumentRecord): void {
    const row = this.#rows.get(id) ?? this.#rows.size;
    this.#rows.set(id, row);
    const at = row * NUMBERS;
    if (at === this.#numbers.length) {
      const longer = new Float64Array(2 * at);
      longer.set(this.#numbers);
      this.#numbers = longer;
    }
    this.#numbers[at] = record.size;
    this.#numbers[at + 1] = record.mtimeMs;
    this.#numbers[at + 2] = record.ctimeMs ?? Number.NaN;
    this.#numbers[at + 3] = record.inode ?? Number.NaN;
    this.#numbers[at + 4] = record.dueAt ?? Number.NaN;
    this.#numbers[at + 5] = this.#numberOf(record);
  }

  #numberOf({ state, api, recipe, readers }: Status): number {
    const key = `${state} ${recipe} ${readers?.join('+')} ${api}`;
    const known = this.#statusNumbers.get(key);
    if (known !== undefined) return known;
    const number = this.#statuses.push({ state, api, recipe, readers }) - 1;
    this.#statusNumbers.set(key, number);
    return number;
  }
}

function orNull(number: number | undefined): number | null {
  return number === undefined || Number.isNaN(number) ? null : number;
}
