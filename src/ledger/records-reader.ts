import type { DocumentRecord } from '../domain/ledger.ts';
import { RecordTable } from './record-table.ts';
import type { Database } from './sqlite.ts';

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
