import { hash } from 'node:crypto';
import { accessSync, constants, existsSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import type { DocumentRef, ReadOutcome } from '../../domain/document.ts';
import { UsageError } from '../../domain/errors.ts';
import type { Options } from '../../domain/options.ts';
import { folderDocument, isFolderDocument } from '../../inbox/folder-document.ts';
import { readDocument } from '../../inbox/read.ts';
import { walk } from '../../inbox/scan.ts';
import { Selection } from '../../inbox/selection.ts';
import { countEach } from '../../lib/collections.ts';
import { errorCode, errorMessage } from '../../lib/errors.ts';
import type { Source, SourceEntry } from '../../library/source.ts';
import { realPathOf, tryTo } from '../../run/workspace.ts';

/** The id of what comes from stdin. */
export const STDIN_ID = 'stdin';

export interface AskedSettings extends Pick<Options, 'include' | 'exclude' | 'maxBytes'> {
  /** What relative paths are relative to. */
  readonly currentFolder: string;
  /** The folder of the answers, which is left out; null if there is none. */
  readonly out: string | null;
  /** The folder below which ids are paths, as `out` remembers it; null: what holds all that was named. */
  readonly documents: string | null;
  /** Whether what comes from stdin is asked about, too. */
  readonly readsStdin: boolean;
}

/** A file or folder that was named. */
interface Named {
  /** As it was given, absolute. */
  readonly path: string;
  /** With links followed. */
  readonly real: string;
  /** False for a folder that is one document. */
  readonly isFolder: boolean;
}

/** Where a document is read; without `root` it is what came from stdin. */
interface ReadPlace {
  readonly root: string | null;
  /** With its path below `root` for its id. */
  readonly document: DocumentRef;
}

/**
 * What is asked about: files that were named, whatever they are called; those in folders that were named, as in an inbox; and
 * stdin. Ids are paths below the folder that holds all that was named, now or the first time. Links are followed only where
 * they were named.
 */
export class AskedFiles implements Source {
  readonly #settings: AskedSettings;
  readonly #places = new Map<string, ReadPlace>();
  readonly #ignored: SourceEntry[] = [];
  readonly #selection: Selection;
  #stdin: Buffer = Buffer.alloc(0);
  /** Ids are paths below it; null if only what comes from stdin is asked about. */
  readonly folder: string | null;

  /** @throws UsageError that tells all that is wrong with the paths, or that there is nothing to ask about */
  constructor(paths: readonly string[], { out: folder, ...others }: AskedSettings) {
    const out = folder && tryTo(`The folder ${folder} (--out) cannot be looked at`, () => realPathOf(folder));
    const settings = { ...others, out };
    this.#settings = settings;
    this.#selection = new Selection(settings);
    const named = lookAtAll(paths, settings);
    const common = commonFolder(named.map(({ path, isFolder }) => (isFolder ? path : dirname(path))));
    this.folder = settings.documents ?? (named.length === 0 ? null : common);
    const place = named.length === 0 || settings.documents === null ? '' : placeBelow(settings.documents, common);
    if (place === null) throw new UsageError(elsewhere(paths, settings));
    const idOf = ({ path }: Named): string =>
      join(place, relative(common, path)).split(sep).join('/').replace(/^\.$/, '');
    // Named files first: in a folder the same file may have a name that is left alone.
    for (const one of named) if (!one.isFolder) this.#addNamed(idOf(one), one.real);
    for (const one of named) if (one.isFolder) this.#addFolder(idOf(one), one.real);
    if (this.#places.size === 0 && paths.length > 0 && !settings.readsStdin) throw new UsageError(this.#nothing(paths));
  }

  get size(): number {
    return this.#places.size;
  }

  get unmatched(): readonly string[] {
    return this.#selection.unmatched;
  }

  get ids(): readonly string[] {
    return [...this.#places.keys()];
  }

  *documents(): Generator<SourceEntry> {
    yield* this.#ignored;
    for (const [id, { document }] of this.#places) yield { kind: 'document', document: { ...document, id } };
  }

  async read(document: DocumentRef): Promise<ReadOutcome> {
    const { maxBytes } = this.#settings;
    const place = this.#places.get(document.id);
    if (place === undefined) return { kind: 'gone' };
    if (place.root === null) {
      const files = [{ name: STDIN_ID, bytes: this.#stdin }];
      return { kind: 'read', content: { document, sha256: hash('sha256', this.#stdin), files } };
    }
    const outcome = await readDocument({ root: place.root, maxBytes }, { ...document, id: place.document.id });
    return outcome.kind === 'read' ? { ...outcome, content: { ...outcome.content, document } } : outcome;
  }

  /**
   * Reads what comes from stdin, and resolves to its SHA-256. Its time is that of now: what came another time was
   * something else, until its bytes are compared.
   *
   * @throws UsageError if nothing comes, or more than a document may have, or a file has its name
   */
  async addStdin(chunks: AsyncIterable<Uint8Array>): Promise<string> {
    if (this.#places.has(STDIN_ID))
      throw new UsageError(`What comes from stdin is called ${STDIN_ID}, as one of the files: ask about one of them.`);
    const { maxBytes } = this.#settings;
    const parts: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of chunks) {
      parts.push(chunk);
      size += chunk.length;
      if (size > maxBytes)
        throw new UsageError(`More than ${maxBytes} bytes came from stdin, which is the limit: --max-bytes raises it.`);
    }
    if (size === 0) throw new UsageError('Nothing came from stdin: there is nothing to ask about.');
    this.#stdin = Buffer.concat(parts);
    this.#places.set(STDIN_ID, { root: null, document: { id: STDIN_ID, size, mtimeMs: Date.now() } });
    return hash('sha256', this.#stdin);
  }

  #addNamed(id: string, real: string): void {
    const root = dirname(real);
    const stats = statSync(real);
    if (stats.isDirectory()) {
      for (const entry of folderDocument(root, basename(real)))
        if (entry.kind === 'document') this.#places.set(id, { root, document: entry.document });
      return;
    }
    const { size, mtimeMs, ctimeMs, ino: inode } = stats;
    this.#places.set(id, { root, document: { id: basename(real), size, mtimeMs, ctimeMs, inode } });
  }

  #addFolder(folder: string, root: string): void {
    const { out } = this.#settings;
    const prefix = folder === '' ? '' : `${folder}/`;
    const own = out === null ? null : relative(root, out);
    const isLeft = (id: string): boolean => {
      if (id === own) return true;
      if (!existsSync(join(root, id, '.sluice'))) return false;
      this.#ignored.push({ kind: 'ignored', reason: 'folders of answers, and workspaces' });
      return true;
    };
    for (const entry of walk(root, '', true, isLeft)) {
      if (entry.kind === 'ignored') this.#ignored.push(entry);
      if (entry.kind !== 'document') continue;
      const id = prefix + entry.document.id;
      const selected = this.#selection.entry({ ...entry, document: { ...entry.document, id } });
      if (selected.kind === 'ignored') this.#ignored.push(selected);
      else if (!this.#places.has(id)) this.#places.set(id, { root, document: entry.document });
    }
  }

  #nothing(paths: readonly string[]): string {
    const kinds = countEach(this.#ignored.flatMap((entry) => (entry.kind === 'ignored' ? entry.reason : [])));
    const ignored = [...kinds].map(([kind, count]) => `${kind} (${count})`).join(', ');
    const what = `${paths.join(', ')} ${paths.length === 1 ? 'holds' : 'hold'} no document`;
    return `There is nothing to ask about: ${what}${ignored === '' ? '' : `, only what is ignored: ${ignored}`}.`;
  }
}

/** More are not told. */
const MOST_PROBLEMS = 10;

function lookAtAll(paths: readonly string[], { currentFolder, out }: AskedSettings): readonly Named[] {
  const problems: string[] = [];
  const named = new Map<string, Named>();
  for (const given of paths) {
    const path = resolve(currentFolder, given);
    try {
      const stats = statSync(path);
      accessSync(path, stats.isDirectory() ? constants.R_OK | constants.X_OK : constants.R_OK);
      const real = realpathSync(path);
      const isOne = stats.isFile() || (stats.isDirectory() && isFolderDocument(basename(path)));
      if (!isOne && !stats.isDirectory())
        problems.push(`${given} is a pipe, a socket or a device: ask about - and have it come from stdin.`);
      else if (out === real)
        problems.push(`${given} is also the folder of the answers (--out): name another one for them.`);
      else named.set(path, { path, real, isFolder: !isOne });
    } catch (error) {
      problems.push(whyNot(given, error));
    }
  }
  const more = problems.length - MOST_PROBLEMS;
  if (problems.length === 0) return [...named.values()];
  throw new UsageError([...problems.slice(0, MOST_PROBLEMS), ...(more > 0 ? [`And ${more} more.`] : [])]);
}

function whyNot(path: string, error: unknown): string {
  switch (errorCode(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return `${path} does not exist.`;
    case 'EACCES':
      return `${path} cannot be read: its permissions do not allow it.`;
    default:
      return `${path} cannot be read: ${errorMessage(error)}.`;
  }
}

/** The path of one folder below another, also through links; null if it does not lie there. */
function placeBelow(folder: string, path: string): string | null {
  const places = [relative(folder, path), relative(realPathOf(folder), realPathOf(path))];
  return places.find((place) => place !== '..' && !place.startsWith(`..${sep}`)) ?? null;
}

/** The answer to another file of the same name would be lost. */
function elsewhere(paths: readonly string[], { documents, out }: AskedSettings): string {
  const what = paths.length === 1 ? `${paths.join('')} lies elsewhere` : 'not all that was named lies there';
  return (
    `The answers in ${out} (--out) are to files of ${documents}, and ${what}: name another folder for the answers, ` +
    'or ask about all of it at once in a new one.'
  );
}

/** The deepest folder that holds all of these, or is one of them. */
function commonFolder([first = sep, ...others]: readonly string[]): string {
  let common = first;
  for (const folder of others) while (!`${folder}${sep}`.startsWith(join(common, sep))) common = dirname(common);
  return common;
}
