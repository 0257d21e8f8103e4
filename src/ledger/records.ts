import type { DocumentRecord, DocumentState } from '../domain/ledger.ts';
import type { Effect } from './group-commit.ts';
import type { Database } from './sqlite.ts';

/** The current version of each document, in memory. */
export interface Records {
  get(id: string): DocumentRecord | undefined;
  /** What a transaction makes of a document. It is remembered when that is committed. */
  noted(id: string, record: DocumentRecord): Effect;
  /** Reads what a transaction made of a document. It is remembered when that is committed. */
  changed(id: string): Effect;
  /** Reads all anew. */
  refresh(): void;
}

interface RecordRow extends Omit<DocumentRecord, 'dueAt'> {
  readonly dueAt: string | null;
}

const CURRENT = `
  SELECT state, size, modified_ms AS mtimeMs, versions.api, hash AS recipe, due_at AS dueAt
  FROM versions LEFT JOIN recipes USING (recipe_id)
  WHERE current AND document = ?
`;

export function createRecords(database: Database): Records {
  const one = database.prepare<RecordRow>(CURRENT);
  const readAll = recordsReader(database);
  let records = readAll();

  return {
    get: (id) => records.get(id),
    noted: (id, record) => () => records.set(id, record),
    changed: (id) => {
      const row = one.get([id]);
      return () => {
        if (row !== undefined) records.set(id, recordOf(row));
      };
    },
    refresh: () => {
      records = readAll();
    },
  };
}

function recordOf({ state, size, mtimeMs, api, recipe, dueAt }: RecordRow): DocumentRecord {
  return { state, size, mtimeMs, api, recipe, dueAt: dueAt === null ? null : Date.parse(dueAt) };
}

interface PageRow {
  /** The greatest `version_id`; null where the page is empty. */
  readonly last: number | null;
  /** JSON. */
  readonly columns: string;
}

/** Whole milliseconds and the rest of one, as 15 digits, which is what SQLite writes, are too few for both together. */
type PageColumns = readonly [
  ids: readonly string[],
  states: readonly DocumentRecord['state'][],
  sizes: readonly number[],
  milliseconds: readonly number[],
  fractions: readonly number[],
  apis: readonly string[],
  recipes: readonly (string | null)[],
  dueTimes: readonly (string | null)[],
];

/** Many rows as one text: the driver takes longer to hand a row over than SQLite does to read it. */
const PAGE = `
  SELECT max(version_id) AS last, json_array(
    json_group_array(document), json_group_array(state), json_group_array(size),
    json_group_array(CAST(modified_ms AS INTEGER)), json_group_array(modified_ms - CAST(modified_ms AS INTEGER)),
    json_group_array(api), json_group_array(recipe), json_group_array(due_at)
  ) AS columns
  FROM (
    SELECT version_id, document, state, size, modified_ms, versions.api, hash AS recipe, due_at
    FROM versions LEFT JOIN recipes USING (recipe_id)
    WHERE current AND version_id > ? ORDER BY version_id LIMIT 2000
  )
`;
const GREATEST = 'SELECT coalesce(max(version_id), 0) AS id FROM versions';

/** Gives a function that reads the current version of each document. */
export function recordsReader(database: Database): () => RecordTable {
  const greatest = database.prepare<{ readonly id: number }>(GREATEST);
  const pages = database.prepare<PageRow>(PAGE);

  return () => {
    const table = new RecordTable(greatest.only().id);
    for (let page = pages.only([0]); page.last !== null; page = pages.only([page.last])) addAll(table, columnsOf(page));
    return table;
  };
}

function columnsOf({ columns }: PageRow): PageColumns {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the SQL above says what it is
  return JSON.parse(columns) as PageColumns;
}

function addAll(table: RecordTable, columns: PageColumns): void {
  const [ids, states, sizes, milliseconds, fractions, apis, recipes, dueTimes] = columns;
  for (const [index, id] of ids.entries()) {
    const state = states[index] ?? 'pending';
    const size = sizes[index] ?? 0;
    const mtimeMs = (milliseconds[index] ?? 0) + (fractions[index] ?? 0);
    const dueAt = timeOf(dueTimes[index] ?? null);
    table.set(id, { state, size, mtimeMs, api: apis[index] ?? '', recipe: recipes[index] ?? null, dueAt });
  }
}

function timeOf(text: string | null): number | null {
  return text === null ? null : Date.parse(text);
}

const STATES: readonly DocumentState[] = ['pending', 'done', 'failed', 'held', 'replaced'];

/** Slots to begin with; a power of two, as are all later sizes. */
const FIRST_CAPACITY = 1024;
/** Of the slots that are taken when the table grows. */
const FULL = 0.7;

/**
 * Records by document id, for hundreds of thousands of documents: about 70 bytes each, outside the heap, where a Map of
 * objects takes some 250. Ids are not kept but as hashes of 64 bits. Two that collide among a million have odds of one
 * in 37 million, and even then nothing is done wrong unless the two files are of the same size and time as well.
 */
export class RecordTable {
  readonly #apis = new Texts();
  readonly #recipes = new Texts();
  #columns: Columns;
  #size = 0;

  /** @param expected how many records there will be, at least */
  constructor(expected = 0) {
    this.#columns = new Columns(capacityFor(expected));
  }

  get size(): number {
    return this.#size;
  }

  get(id: string): DocumentRecord | undefined {
    const [low, high] = hash(id);
    const slot = this.#columns.slotOf(low, high);
    return this.#columns.isTaken(slot) ? this.#read(slot) : undefined;
  }

  set(id: string, record: DocumentRecord): void {
    if (this.#size >= this.#columns.capacity * FULL) this.#grow();
    const [low, high] = hash(id);
    const columns = this.#columns;
    const slot = columns.slotOf(low, high);
    if (!columns.isTaken(slot)) this.#size += 1;
    columns.low[slot] = low;
    columns.high[slot] = high;
    columns.bytes[slot] = record.size;
    columns.mtimeMs[slot] = record.mtimeMs;
    columns.dueAt[slot] = record.dueAt ?? Number.NaN;
    columns.state[slot] = STATES.indexOf(record.state);
    columns.api[slot] = this.#apis.numberOf(record.api);
    columns.recipe[slot] = this.#recipes.numberOf(record.recipe);
  }

  #read(slot: number): DocumentRecord {
    const { state, bytes, mtimeMs, dueAt, api, recipe } = this.#columns;
    const due = dueAt[slot] ?? Number.NaN;
    return {
      state: STATES[state[slot] ?? 0] ?? 'pending',
      size: bytes[slot] ?? 0,
      mtimeMs: mtimeMs[slot] ?? 0,
      api: this.#apis.textOf(api[slot] ?? 0) ?? '',
      recipe: this.#recipes.textOf(recipe[slot] ?? 0),
      dueAt: Number.isNaN(due) ? null : due,
    };
  }

  #grow(): void {
    const larger = new Columns(this.#columns.capacity * 2);
    for (let slot = 0; slot < this.#columns.capacity; slot += 1)
      if (this.#columns.isTaken(slot)) larger.take(this.#columns, slot);
    this.#columns = larger;
  }
}

function capacityFor(size: number): number {
  let capacity = FIRST_CAPACITY;
  while (size >= capacity * FULL) capacity *= 2;
  return capacity;
}

/** One array for each field; a slot is an index into all of them. */
class Columns {
  readonly capacity: number;
  readonly low: Uint32Array;
  readonly high: Uint32Array;
  readonly bytes: Float64Array;
  readonly mtimeMs: Float64Array;
  readonly dueAt: Float64Array;
  readonly state: Uint8Array;
  readonly api: Uint32Array;
  readonly recipe: Uint32Array;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.low = new Uint32Array(capacity);
    this.high = new Uint32Array(capacity);
    this.bytes = new Float64Array(capacity);
    this.mtimeMs = new Float64Array(capacity);
    this.dueAt = new Float64Array(capacity);
    this.state = new Uint8Array(capacity);
    this.api = new Uint32Array(capacity);
    this.recipe = new Uint32Array(capacity);
  }

  /** Where the document of this hash is, or belongs. */
  slotOf(low: number, high: number): number {
    let slot = low & (this.capacity - 1);
    while (this.isTaken(slot) && (this.low[slot] !== low || this.high[slot] !== high))
      slot = (slot + 1) & (this.capacity - 1);
    return slot;
  }

  isTaken(slot: number): boolean {
    return this.high[slot] !== 0;
  }

  /** Takes a slot over from a smaller table. */
  take(from: Columns, slot: number): void {
    const to = this.slotOf(from.low[slot] ?? 0, from.high[slot] ?? 0);
    for (const column of COLUMNS) this[column][to] = from[column][slot] ?? 0;
  }
}

const COLUMNS = ['low', 'high', 'bytes', 'mtimeMs', 'dueAt', 'state', 'api', 'recipe'] as const;

/** Few texts that are the same in very many records, by number; 0 stands for null. */
class Texts {
  readonly #texts: (string | null)[] = [null];
  readonly #numbers = new Map<string | null, number>([[null, 0]]);
  /** Mostly the next one is the same: to compare is less than to look up. */
  #last = 0;

  numberOf(text: string | null): number {
    if (this.#texts[this.#last] !== text) this.#last = this.#numbers.get(text) ?? this.#add(text);
    return this.#last;
  }

  textOf(number: number): string | null {
    return this.#texts[number] ?? null;
  }

  #add(text: string | null): number {
    this.#numbers.set(text, this.#texts.length);
    return this.#texts.push(text) - 1;
  }
}

/** Two halves of 32 bits, mixed as MurmurHash3 does; the second one is never 0, which marks a free slot. */
function hash(text: string): readonly [low: number, high: number] {
  let low = 0x9747b28c;
  let high = 0x3c6ef372;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    low = Math.imul(low ^ unit, 0x85ebca6b);
    low ^= low >>> 15;
    high = Math.imul(high ^ unit, 0xc2b2ae35);
    high ^= high >>> 13;
  }
  low = Math.imul(low ^ (low >>> 16), 0x85ebca6b) ^ high;
  high = Math.imul(high ^ (high >>> 16), 0xc2b2ae35) ^ low;
  return [low >>> 0, high >>> 0 || 1];
}
