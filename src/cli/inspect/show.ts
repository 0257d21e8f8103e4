import type { CommandModule } from 'yargs';
import { UsageError } from '../../domain/errors.ts';
import { yargsOptions } from '../../options/yargs-options.ts';
import { showText } from '../../report/show-text.ts';
import { askedOf, textOf, WORKSPACE_KEYS } from '../command.ts';
import type { OptionKey } from '../options/table.ts';
import type { ProgramSettings } from '../program.ts';
import { findDocument } from './find-document.ts';
import { readLedgerOf } from './ledger.ts';

const KEYS: readonly OptionKey[] = [...WORKSPACE_KEYS, 'json'];

/** `sluice show DOC`: all that the ledger knows of one document. */
export function showCommand(settings: ProgramSettings): CommandModule {
  return {
    command: 'show <document>',
    describe: 'Tell the history of one document: its versions, attempts, costs and receipt',
    builder: (yargs) =>
      yargs.options(yargsOptions(KEYS)).positional('document', {
        type: 'string',
        describe: 'Its path below the inbox, or a path to its input, result or error report',
      }),
    handler: async (flags) => {
      const options = askedOf(flags, KEYS, settings);
      const given = textOf(flags, 'document');
      if (given === null) throw new UsageError('show takes one document.');
      const { id, versions } = await readLedgerOf(options.root, (reader) => {
        const found = findDocument(reader, given, options, settings.currentFolder);
        return { id: found, versions: reader.history(found) };
      });
      settings.stdout.write(`${options.json ? JSON.stringify({ document: id, versions }) : showText(id, versions)}\n`);
    },
  };
}
