import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OptionKey } from '../../domain/options.ts';
import { orUndefined } from '../../lib/errors.ts';
import { visibleJson } from '../../report/words.ts';
import { argumentOf, type Command, type CommandContext, WORKSPACE_KEYS } from '../command.ts';
import { yargsOptions } from '../options/table.ts';
import { findDocument } from './find-document.ts';
import { historyText } from './history-text.ts';
import { inspectedOptions } from './inspected.ts';
import { needsWorkspace, readLedgerOf, reportName } from './ledger.ts';
import { showText } from './show-text.ts';

const KEYS: readonly OptionKey[] = [...WORKSPACE_KEYS, 'json'];

/** `sluice show DOC`: the answer to one document and what it cost, or all that the ledger holds of it. */
export function showCommand(context: CommandContext): Command {
  return {
    name: 'show',
    describe: 'Show the answer to a document and what it cost, or why there is none',
    examples: ['show q1/report.pdf --root papers'],
    positionals: [
      {
        name: 'document',
        describe: 'Its path below the inbox, or a path to its input, result or error report',
        isRequired: true,
      },
    ],
    flags: () => ({
      ...yargsOptions(KEYS),
      history: {
        type: 'boolean',
        describe: 'All versions of it instead, with every attempt, hashes and exact times',
      },
    }),
    needs: needsWorkspace,
    run: async (flags) => {
      const { stdout, clock, currentFolder } = context;
      const { options, hint, answers } = inspectedOptions(flags, context, KEYS);
      const { root, outbox, failed, json } = options;
      const folders = { ...options, inbox: answers?.documents ?? options.inbox };
      const given = argumentOf(flags, 'document') ?? '';
      const { id, versions } = await readLedgerOf(root, (reader) => {
        const found = findDocument(reader, given, folders, currentFolder);
        return { id: found, versions: reader.history(found) };
      });
      const report = join(failed, reportName(id));
      const text = (): string =>
        flags['history'] === true
          ? historyText(id, versions)
          : showText(id, versions, {
              hint,
              now: clock.wall(),
              // Some pseudo-terminals report 0.
              terminal: stdout.isTTY ? { rows: stdout.rows || 24, columns: stdout.columns || 80 } : null,
              pathOf: (result) => join(outbox, result),
              textAt: (path) => orUndefined(() => readFileSync(path, 'utf8')) ?? null,
              reports: [`${report}.error.json`, `${report}.partial.md`].filter((path) => existsSync(path)),
            });
      stdout.write(`${json ? visibleJson(JSON.stringify({ document: id, versions })) : text()}\n`);
      return 0;
    },
  };
}
