import { relative, resolve, sep } from 'node:path';
import type { DocumentRef } from '../../domain/document.ts';
import { UsageError } from '../../domain/errors.ts';
import type { Options } from '../../domain/options.ts';
import type { LedgerReader } from '../../domain/receipt.ts';
import { type InboxEntry, lookAt } from '../../inbox/entry.ts';
import { documentAt, folderDocument, isFolderDocument } from '../../inbox/folder-document.ts';
import { orUndefined } from '../../lib/errors.ts';
import { nearest } from '../../lib/text.ts';
import { reportName } from './workspace.ts';

/** The most ids that an error suggests. */
const SUGGESTIONS = 3;

/** The endings of files beside a result, after the result's name. */
const COMPANION = /\.(?:receipt\.json|annotations\.json|reasoning\.md|image-\d+\.(?:png|jpg|webp|gif|bin))$/;

/** The ending of nearly all results, after the id. */
const USUAL_ENDING = /\.(?:md|json)$/;

const REPORT = /\.(?:error\.json|partial\.md)$/;

type DocumentFolders = Pick<Options, 'inbox' | 'outbox' | 'failed'>;

/**
 * The id of the document that a person means: by its id, or by a path to its input, to its result or a file beside
 * that, or to its error report. Throws a UsageError that names similar ids.
 */
export function findDocument(
  reader: LedgerReader,
  given: string,
  folders: DocumentFolders,
  currentFolder: string,
): string {
  for (const id of meantBy(reader, given, folders, resolve(currentFolder, given)))
    if (reader.history(id).length > 0) return id;
  const waiting = orUndefined(() => findInput(given, folders.inbox, currentFolder));
  if (waiting !== undefined)
    throw new UsageError(`${JSON.stringify(waiting.id)} was not asked yet: no run has come to it.`);
  throw new UsageError(`The ledger knows no document ${JSON.stringify(given)}${suggestion(reader, given)}`);
}

/** Candidates, the likeliest first; those for which all records are read come last. */
function* meantBy(
  reader: LedgerReader,
  given: string,
  { inbox, outbox, failed }: DocumentFolders,
  path: string,
): Generator<string> {
  const inputs = [withoutDot(given), pathBelow(inbox, path)].filter((id) => id !== null);
  yield* inputs;
  yield* inputs.map(documentAt);
  const report = pathBelow(failed, path);
  if (report !== null && REPORT.test(report)) yield* idsOfReport(reader, report.replace(REPORT, ''));
  const result = pathBelow(outbox, path);
  if (result !== null) yield* idsOfResult(reader, new Set([result, result.replace(COMPANION, '')]));
}

function* idsOfReport(reader: LedgerReader, name: string): Generator<string> {
  yield name;
  for (const { id } of reader.documents()) if (reportName(id) === name) yield id;
}

/** First by the result's name, if the ledger agrees; then by the ledger alone; last by the name alone. */
function* idsOfResult(reader: LedgerReader, results: ReadonlySet<string>): Generator<string> {
  const byName = Array.from(results, (result) => result.replace(USUAL_ENDING, ''));
  for (const id of byName)
    if (reader.history(id).some(({ result }) => result !== null && results.has(result))) yield id;
  for (const { receipt } of reader.results()) if (results.has(receipt.result)) yield receipt.document;
  yield* byName;
}

/** The path below the folder, with `/` between names; null if it does not lie there. */
function pathBelow(folder: string, path: string): string | null {
  const below = relative(folder, path);
  return below === '' || below.startsWith('..') || resolve(folder, below) !== path ? null : below.replaceAll(sep, '/');
}

function suggestion(reader: LedgerReader, given: string): string {
  const ids = Array.from(reader.documents(), ({ id }) => id);
  if (ids.length === 0) return ': it knows none yet.';
  const likely = ids.filter((id) => id.toLowerCase().includes(given.toLowerCase())).slice(0, SUGGESTIONS);
  const meant = likely.length > 0 ? likely : [nearest(given, ids)].filter((id) => id !== null);
  if (meant.length === 0) return '. Its id is its path below the inbox.';
  return `: did you mean ${meant.map((id) => JSON.stringify(id)).join(', ')}?`;
}

/**
 * The document of the inbox that a person means: by its id, by a path to it, or by one to a file of a folder that is a
 * document. Nothing is read. Throws a UsageError if there is none, or it is never read.
 */
export function findInput(given: string, inbox: string, currentFolder: string): DocumentRef {
  const ids = [resolve(inbox, given), resolve(currentFolder, given)].map((path) => pathBelow(inbox, path));
  const entries = [...new Set(ids)].flatMap((id) => (id === null ? [] : entryOf(inbox, documentAt(id))));
  const found = entries.find((entry) => entry.kind === 'document');
  if (found !== undefined) return found.document;
  throw new UsageError(`${JSON.stringify(given)} ${whyNot(entries, inbox)}`);
}

/** As a scan finds it, folder by folder: an ignored folder hides everything in it. */
function entryOf(inbox: string, id: string): InboxEntry {
  const names = id.split('/');
  let entry: InboxEntry = { kind: 'folder', id: '' };
  for (const [depth, name] of names.entries()) {
    entry = lookAt(inbox, names.slice(0, depth).join('/'), name);
    if (entry.kind !== 'folder') break;
    if (isFolderDocument(name)) return [...folderDocument(inbox, entry.id)].at(-1) ?? { kind: 'gone', id };
  }
  // A file stands in the place of a folder.
  return entry.kind === 'document' && entry.document.id !== id ? { kind: 'gone', id } : entry;
}

function whyNot(entries: readonly InboxEntry[], inbox: string): string {
  const there = entries.find(({ kind }) => kind !== 'gone');
  if (there?.kind === 'folder') return 'is a folder: name one of the documents in it.';
  if (there?.kind === 'recipe') return 'is a recipe, which is not asked itself.';
  if (there?.kind === 'ignored') return `is never read: it is of the kind "${there.reason}".`;
  return `is no document of ${inbox}: its id is its path below the inbox.`;
}

/** An id or a glob without the `./` before it: a name that begins with a dash is given as `./-name`. */
export function withoutDot(given: string): string {
  return given.replace(/^(?:\.\/+)+/, '');
}
