import { dirname, join } from 'node:path';
import { UsageError } from '../../domain/errors.ts';
import { type OptionKey, SHAPING_KEYS } from '../../domain/options.ts';
import type { Outbox } from '../../domain/ports.ts';
import type { LedgerReader } from '../../domain/receipt.ts';
import { openLedgerReader } from '../../ledger/reader.ts';
import { fileAt } from '../../outbox/document-folder.ts';
import { readReportedVersion } from '../../outbox/failure-reports.ts';
import { resultName } from '../../outbox/safe-names.ts';
import { type AnswersFolder, answersFolderAt } from '../../run/answers-folder.ts';
import type { Asked } from '../../run/prepare.ts';
import { refuseMissing } from '../../run/workspace.ts';
import { type CommandContext, type GivenFlags, readingOptions } from '../command.ts';

/** The folder of a workspace that holds its ledger. */
export function ledgerFolderOf(root: string): string {
  return join(root, '.sluice');
}

/** Throws a UsageError if there is no such workspace. */
export function requireWorkspace(root: string): void {
  refuseMissing('workspace', '--root', root);
}

/** The same for a command that needs one. Where the flag is wrong, which one was meant is not known. */
export function needsWorkspace({ options, wrong }: Asked): void {
  if (wrong?.has('root') !== true) requireWorkspace(options.root);
}

export function nothingRecorded(root: string): UsageError {
  return new UsageError(`Nothing was recorded yet in ${root}: no run has begun a document there.`);
}

/** Lets `work` read the ledger of a workspace; null if nothing was recorded yet. Throws a UsageError or DiskError. */
export async function readWorkspace<T>(
  root: string,
  work: (reader: LedgerReader | null) => T | Promise<T>,
): Promise<T> {
  requireWorkspace(root);
  const reader = openLedgerReader(ledgerFolderOf(root));
  try {
    return await work(reader);
  } finally {
    reader?.close();
  }
}

/** The same for a command that needs a ledger. Throws a UsageError if nothing was recorded yet. */
export function readLedgerOf<T>(root: string, work: (reader: LedgerReader) => T | Promise<T>): Promise<T> {
  return readWorkspace(root, (reader) => {
    if (reader === null) throw nothingRecorded(root);
    return work(reader);
  });
}

export type FolderLooks = Pick<Outbox, 'resultOf' | 'holds' | 'failedVersion'>;

/**
 * What lies in outbox and failed; no folder is made or probed for it. Results that were filed under another name than
 * their own are not found: the second of two names that the file system takes for one, and paths too long for it.
 */
export function lookIntoFolders(outbox: string, failed: string): FolderLooks {
  return {
    resultOf: (place) => {
      const path = resultName(place, Number.POSITIVE_INFINITY) + place.ending;
      const file = fileAt(join(outbox, path));
      return file === undefined ? null : { path, mtimeMs: file.mtimeMs };
    },
    holds: (path) => fileAt(join(outbox, path)) !== undefined,
    failedVersion: (id) => readReportedVersion(join(failed, `${reportName(id)}.error.json`)),
  };
}

/** Where the reports of a document lie below their folder, without the ending. */
export function reportName(id: string): string {
  return resultName({ name: id, ending: '' }, Number.POSITIVE_INFINITY);
}

/** Options for a look into a workspace, or into a folder of answers (`ask --out`). */
export interface Inspected extends Asked {
  /** Null: it is a workspace. */
  readonly answers: AnswersFolder | null;
  /** The folder of the recipes; undefined: as in a workspace. */
  readonly recipesFolder: string | undefined;
}

/** As `readingOptions`; a folder of answers has its files elsewhere than a workspace, and says itself what it was asked. */
export function inspectedOptions(flags: GivenFlags, context: CommandContext, keys: readonly OptionKey[]): Inspected {
  const asked = readingOptions(flags, context, keys, needsWorkspace);
  const { root } = asked.options;
  const answers = answersFolderAt(root);
  if (answers === null) return { ...asked, answers, recipesFolder: undefined };
  const told = SHAPING_KEYS.filter((key) => asked.given[key] !== 'flag').map((key) => [key, answers.options[key]]);
  const options = {
    ...asked.options,
    ...Object.fromEntries(told),
    // Not its own: other files may lie where the documents are.
    inbox: join(root, 'inbox'),
    outbox: root,
    failed: join(root, 'failed'),
  };
  return { ...asked, options, answers, recipesFolder: dirname(options.recipe ?? '') };
}
