import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { PathError } from '../../domain/errors.ts';
import type { Options } from '../../domain/options.ts';
import { matcherOf } from '../../inbox/selection.ts';
import { type ReopenedDocument, reopenDocuments } from '../../ledger/reopen.ts';
import { mapAtOnce } from '../../lib/collections.ts';
import { createOutbox } from '../../outbox/outbox.ts';
import { writeText } from '../../report/screen.ts';
import { counted, numeral, visible } from '../../report/words.ts';
import { argumentOf, type Command, type CommandContext, WORKSPACE_KEYS } from '../command.ts';
import { plainHints, quoted } from '../hints.ts';
import { yargsOptions } from '../options/table.ts';
import { findDocument, withoutDot } from './find-document.ts';
import {
  inspectedOptions,
  ledgerFolderOf,
  needsWorkspace,
  nothingRecorded,
  readLedgerOf,
  requireWorkspace,
} from './workspace.ts';

/** `sluice retry [GLOB]`: failed and held documents back into work, also while a daemon runs. */
export function retryCommand(context: CommandContext): Command {
  return {
    name: 'retry',
    describe: 'Take failed and held documents back into work, with all their attempts',
    examples: ["retry 'q1/*' --root papers"],
    positionals: [
      {
        name: 'glob',
        describe:
          "Which, by the rules of --include: 'q1/*.pdf', 'a?.txt', 'note-[0-4].md', or an id, or a path to one's file; all without it",
      },
    ],
    flags: () => ({
      ...yargsOptions(WORKSPACE_KEYS),
      reason: {
        type: 'string',
        requiresArg: true,
        describe: 'Only what failed for this reason: the code in its report',
      },
    }),
    needs: needsWorkspace,
    run: async (flags) => {
      const glob = argumentOf(flags, 'glob');
      const code = argumentOf(flags, 'reason');
      const { currentFolder, version } = context;
      const { options, hint, answers } = inspectedOptions(flags, context, WORKSPACE_KEYS);
      const folders = { ...options, inbox: answers?.documents ?? options.inbox };
      const next =
        answers === null
          ? `A running daemon takes them within a second or two, else the next run does: ${hint('--once')}`
          : `The same question again takes them: ${plainHints(context)(`ask ... --out ${quoted(options.root)}`)}`;
      const reopened = await retryDocuments(folders, { glob, currentFolder, code, program: `sluice ${version}` });
      writeText(context.stdout, retryText(reopened, glob, next));
      return 0;
    },
  };
}

/** Reports that are removed at the same time. */
const AT_ONCE = 16;

export interface ReopenSettings {
  /** A glob by the rules of `--include`, an id, or a path to a document's input, result or report; null: all documents. */
  readonly glob: string | null;
  /** What paths are relative to. */
  readonly currentFolder: string;
  /** Our code for the failure; null: any. */
  readonly code: string | null;
  /** Name and version. */
  readonly program: string;
}

/**
 * Takes failed and held documents back into work and removes their reports, also beside a process that works. Throws a
 * UsageError or DiskError.
 */
export async function retryDocuments(
  options: Options,
  { glob, currentFolder, code, program }: ReopenSettings,
): Promise<readonly ReopenedDocument[]> {
  const { root, outbox, failed } = options;
  requireWorkspace(root);
  const matches = glob === null ? () => true : await whichOf(glob, options, currentFolder);
  const begun = Date.now();
  const reopened = reopenDocuments(ledgerFolderOf(root), { matches, code });
  if (reopened === null) throw nothingRecorded(root);
  if (reopened.length === 0) return reopened;
  const files = createOutbox({ results: outbox, failures: failed, program, receipts: false });
  await mapAtOnce(reopened, AT_ONCE, async ({ id }) => {
    try {
      // Another process may have failed the document again by now: that report stays.
      await files.withdrawFailure(id, begun);
    } catch (error) {
      // A report that cannot be removed is left, and the document is pending all the same.
      if (!(error instanceof PathError)) throw error;
    }
  });
  return reopened;
}

/** The path of a file that exists means its document, as in `show`. */
async function whichOf(glob: string, options: Options, currentFolder: string): Promise<(id: string) => boolean> {
  const id = withoutDot(glob);
  const isFile = existsSync(resolve(currentFolder, glob));
  if (!isFile && /[*?[{]/.test(glob)) return matcherOf(id);
  if (!isFile) return (other) => other === id;
  const meant = await readLedgerOf(options.root, (reader) => findDocument(reader, glob, options, currentFolder));
  return (other) => other === meant;
}

/** What `sluice retry` says to people. `glob` is what was asked for; null for all. `next`: who takes them, a sentence. */
export function retryText(
  reopened: readonly Pick<ReopenedDocument, 'was'>[],
  glob: string | null,
  next: string,
): string {
  if (reopened.length === 0) {
    const which = glob === null ? 'no document' : `no document that matches ${visible(glob)}`;
    return `Nothing to try again: ${which} failed, is held, or waits for its time.`;
  }
  const parts = (['failed', 'held', 'parked'] as const).flatMap((former) => {
    const count = reopened.filter(({ was }) => was === former).length;
    return count === 0 ? [] : [`${numeral(count)} ${former}`];
  });
  return `${counted(reopened.length, 'document')} back to pending (${parts.join(', ')}). ${next}`;
}
