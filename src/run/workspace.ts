import { opendirSync, statSync } from 'node:fs';
import { errorCode, UsageError } from '../domain/errors.ts';
import { makeFolder } from '../workspace/make-folder.ts';
import { probeMoving } from '../workspace/probe-moving.ts';
import { probeWriting } from '../workspace/probe-writing.ts';
import { refuseOverlap } from '../workspace/refuse-overlap.ts';
import { tryTo } from '../workspace/try-to.ts';

/** The folders that flags may move. */
export type FolderName = 'inbox' | 'outbox' | 'failed';

export interface WorkspaceSettings extends Readonly<Record<FolderName, string>> {
  readonly root: string;
  /** Nobody named a workspace: then it is made where it is missing. */
  readonly rootIsDefault: boolean;
  /** The folders that were named. These are never made: a typing error would find an empty inbox. */
  readonly named: ReadonlySet<FolderName>;
  /** What becomes of inputs that are done with. */
  readonly after: 'keep' | 'archive' | 'delete';
  /** Where they go with `archive`; else it is not looked at. */
  readonly archive: string;
}

/**
 * Sees that the folders of a workspace are there, apart from one another, and open to us; makes those that are missing
 * and that nobody named. Paths are absolute. Returns what a person should be told of it, a sentence each.
 *
 * @throws UsageError where a folder is missing, no folder, closed to us, or within another one
 * @throws DiskTrouble where the disk refuses for a reason of its own
 */
export function prepareWorkspace(settings: WorkspaceSettings): readonly string[] {
  const { root, rootIsDefault, named, inbox, outbox, failed, after } = settings;
  const archives = after === 'archive' ? { archive: settings.archive } : {};
  const notes = requireFolder('workspace', '--root', root, rootIsDefault) ? [`Made the workspace ${root}.`] : [];
  refuseOverlap({ inbox, outbox, failed, ...archives });
  for (const name of ['inbox', 'outbox', 'failed'] as const)
    requireFolder(`${name} folder`, `--${name}`, settings[name], !named.has(name));
  if (after === 'archive') requireFolder('archive folder', '--root', settings.archive, true);

  requireReadable(inbox);
  const written = { outbox, failed, ...archives };
  for (const [name, folder] of Object.entries(written)) requireWritable(name, folder);
  if (after !== 'keep') tryTo(`The inbox folder ${inbox} lets no file go`, () => probeMoving(inbox));
  return notes;
}

/** True where it was made. */
function requireFolder(what: string, flag: string, path: string, mayBeMade: boolean): boolean {
  const there = isFolder(what, path);
  if (there === false) throw new UsageError(`The ${what} ${path} is a file, not a folder.`);
  if (there === true) return false;
  if (!mayBeMade) throw new UsageError(`The ${what} ${path} (${flag}) does not exist. Make it, or name another.`);
  tryTo(`The ${what} ${path} cannot be made`, () => makeFolder(path));
  return true;
}

/** Undefined where nothing is there. */
function isFolder(what: string, path: string): boolean | undefined {
  return tryTo(`The ${what} ${path} cannot be looked at`, () => {
    try {
      return statSync(path, { throwIfNoEntry: false })?.isDirectory();
    } catch (error) {
      // A file stands where a folder above it should.
      if (errorCode(error) === 'ENOTDIR') return undefined;
      throw error;
    }
  });
}

function requireReadable(inbox: string): void {
  tryTo(`The inbox folder ${inbox} cannot be read`, () => {
    opendirSync(inbox).closeSync();
    // Fails where names may be listed and nothing else.
    statSync(`${inbox}/.`);
  });
}

function requireWritable(name: string, folder: string): void {
  tryTo(`The ${name} folder ${folder} cannot be written to`, () => probeWriting(folder));
}
