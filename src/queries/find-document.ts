import { relative, resolve, sep } from 'node:path';
import { UsageError } from '../domain/errors.ts';
import type { LedgerReader } from '../domain/ledger-reader.ts';
import { nearest } from '../options/nearest.ts';
import type { Options } from '../options/options.ts';
import { withoutDot } from './without-dot.ts';

/** As many are suggested, at most. */
const SUGGESTIONS = 3;

/** What is added to a document's name for its result, its receipt and its reports. */
const ENDINGS = ['.md', '.json', '.md.receipt.json', '.json.receipt.json', '.error.json', '.partial.md'];

/**
 * The id of the document that a person means: by its id, or by a path to its input, its result or its error report.
 *
 * @throws UsageError that names the ids which come near
 */
export function findDocument(
  reader: LedgerReader,
  given: string,
  folders: Pick<Options, 'inbox' | 'outbox' | 'failed'>,
  currentFolder: string,
): string {
  const path = resolve(currentFolder, given);
  const candidates = [withoutDot(given), pathBelow(folders.inbox, path), ...idsOfFile(reader, folders, path)];
  const known = candidates.find((id) => id !== null && reader.history(id).length > 0);
  if (known !== undefined && known !== null) return known;
  throw new UsageError(`The ledger knows no document ${JSON.stringify(given)}${suggestion(reader, given)}`);
}

function* idsOfFile(
  reader: LedgerReader,
  { outbox, failed }: Pick<Options, 'outbox' | 'failed'>,
  path: string,
): Iterable<string> {
  const result = pathBelow(outbox, path);
  const name = result ?? pathBelow(failed, path);
  if (name === null) return;
  for (const ending of ENDINGS) if (name.endsWith(ending)) yield name.slice(0, -ending.length);
  // A name that was shortened: only its receipt has the id.
  for (const { receipt } of reader.results()) if (receipt.result === result) yield receipt.document;
}

/** With `/` between; null where it does not lie there. */
function pathBelow(folder: string, path: string): string | null {
  const below = relative(folder, path);
  return below === '' || below.startsWith('..') || resolve(folder, below) !== path ? null : below.replaceAll(sep, '/');
}

function suggestion(reader: LedgerReader, given: string): string {
  const ids = Array.from(reader.documents(), ({ id }) => id);
  if (ids.length === 0) return ': it knows none yet.';
  const likely = ids.filter((id) => id.toLowerCase().includes(given.toLowerCase())).slice(0, SUGGESTIONS);
  const near = likely.length > 0 ? null : nearest(given, ids);
  const meant = near === null ? likely : [near];
  const list = meant.map((id) => JSON.stringify(id)).join(', ');
  return meant.length === 0 ? '. Its id is its path below the inbox.' : `: did you mean ${list}?`;
}
