import { isRecord, parseJson } from '../lib/json.ts';
import type { Database, SqlValue } from './sqlite.ts';

/** Documents that the ledger knows already are left as they are. */
const INSERT = `
  INSERT INTO versions (document, sha256, size, modified_ms, current, state, api, updated_at)
  SELECT :document, :sha256, :size, :mtimeMs, 1, :state, :api, :now
  WHERE NOT EXISTS (SELECT 1 FROM versions WHERE document = :document)
`;

type State = Readonly<Record<'sha256' | 'size' | 'mtimeMs' | 'state' | 'api', SqlValue>>;

/**
 * Takes over what the first version of the program kept in `state.jsonl`: a line per change of a document, of which the
 * last one counts; one with an id alone forgets it. Lines that are damaged are passed over.
 */
export function importState(database: Database, content: string, now: Date): void {
  const states = new Map<string, State | null>();
  for (const line of content.split('\n')) readLine(line, states);
  const insert = database.prepare(INSERT);
  database.transaction(() => {
    for (const [document, state] of states)
      if (state !== null) insert.run({ document, ...state, now: now.toISOString() });
  });
}

function readLine(line: string, states: Map<string, State | null>): void {
  const fields = parseJson(line);
  if (!isRecord(fields) || typeof fields['id'] !== 'string') return;
  const { id, state, size, mtimeMs, sha256, api } = fields;
  if (state === undefined) states.set(id, null);
  if (state !== 'done' && state !== 'failed') return;
  if (typeof size !== 'number' || typeof mtimeMs !== 'number' || typeof api !== 'string') return;
  if (typeof sha256 === 'string' || sha256 === null)
    states.set(id, { sha256: sha256 ?? '', size, mtimeMs, state, api });
}
