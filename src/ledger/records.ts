import type { DocumentRecord } from '../domain/ledger.ts';
import type { Effect } from './group-commit.ts';
import { recordsReader } from './records-reader.ts';
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
