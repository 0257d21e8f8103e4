import type { Database } from './sqlite.ts';

/** Nearly every result is called like its document: those are found by the document, the others by an index of theirs. */
const OWNER = `
  SELECT document FROM versions
  WHERE result = :path AND substr(result, 1, length(document) + 1) <> document || '.' AND state <> 'replaced'
  UNION ALL
  SELECT document FROM versions
  WHERE document IN (SELECT value FROM json_each(:namesakes)) AND result = :path AND state <> 'replaced'
  LIMIT 1
`;

/** Tells the document whose result is to lie at a path below the outbox, as far as is remembered; undefined where none is. */
export function ownerLook(database: Database): (resultPath: string) => string | undefined {
  const owners = database.prepare<{ readonly document: string }>(OWNER);
  return (path) => owners.get({ path, namesakes: JSON.stringify(namesakesOf(path)) })?.document;
}

/** The documents whose results may lie at a path under their own names: `a.b` and `a` for `a.b.md`. */
function namesakesOf(path: string): string[] {
  return Array.from(path.matchAll(/\./g), ({ index }) => path.slice(0, index));
}
