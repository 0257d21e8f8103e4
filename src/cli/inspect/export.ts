import { resolve } from 'node:path';
import type { CommandModule } from 'yargs';
import { yargsOptions } from '../../options/yargs-options.ts';
import { listPath } from '../../report/answer-lists.ts';
import { askedOf, textOf, WORKSPACE_KEYS } from '../command.ts';
import type { ProgramSettings } from '../program.ts';
import { readLedgerOf } from './ledger.ts';

const FORMATS = ['csv', 'jsonl'] as const;

/** `sluice export`: all results as one table. */
export function exportCommand(settings: ProgramSettings): CommandModule {
  return {
    command: 'export',
    describe: 'Write all results as one table: document, answer, model, tokens, cost, seconds',
    builder: (yargs) =>
      yargs
        .options(yargsOptions(WORKSPACE_KEYS))
        .option('format', {
          choices: FORMATS,
          demandOption: true,
          describe: 'csv: the fields of JSON answers as columns; jsonl: an object a line, JSON answers as values',
        })
        .option('rows', {
          type: 'string',
          requiresArg: true,
          describe:
            'A row for each item of this list in JSON answers, as lines or data.lines; . where the answer is the list [default: a row for each result]',
        })
        .option('output', { type: 'string', describe: 'The file to write [default: standard output]' }),
    handler: async (flags) => {
      const { root } = askedOf(flags, WORKSPACE_KEYS, settings);
      const output = textOf(flags, 'output');
      const rows = textOf(flags, 'rows');
      // Not before it is needed: what writes CSV takes its time to load.
      const { exportResults } = await import('../../queries/export-results.ts');
      await readLedgerOf(root, (reader) =>
        exportResults(reader, {
          format: textOf(flags, 'format') === 'csv' ? 'csv' : 'jsonl',
          list: rows === null ? null : listPath(rows),
          stdout: settings.stdout,
          file: output === null ? null : resolve(settings.currentFolder, output),
        }),
      );
    },
  };
}
