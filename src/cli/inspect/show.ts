import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../../domain/errors.ts';
import type { OptionKey } from '../../domain/options.ts';
import { orUndefined } from '../../lib/errors.ts';
import { argumentOf, type Command, type CommandContext, commandOptions, WORKSPACE_KEYS } from '../command.ts';
import { yargsOptions } from '../options/table.ts';
import { findDocument } from './find-document.ts';
import { historyText } from './history-text.ts';
import { readLedgerOf, reportName } from './ledger.ts';
import { type Screen, showText } from './show-text.ts';

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
    run: async (flags) => {
      const { options, hint } = commandOptions(flags, context, KEYS);
      const { root, outbox, failed, json } = options;
      const given = argumentOf(flags, 'document');
      if (given === null) throw new UsageError('show takes one document.');
      const { id, versions } = await readLedgerOf(root, (reader) => {
        const found = findDocument(reader, given, options, context.currentFolder);
        return { id: found, versions: reader.history(found) };
      });
      const report = join(failed, reportName(id));
      const text = (): string =>
        flags['history'] === true
          ? historyText(id, versions)
          : showText(id, versions, {
              hint,
              now: context.clock.wall(),
              screen: screenOf(context.stdout),
              pathOf: (result) => join(outbox, result),
              textAt: (path) => orUndefined(() => readFileSync(path, 'utf8')) ?? null,
              reports: [`${report}.error.json`, `${report}.partial.md`].filter((path) => existsSync(path)),
            });
      context.stdout.write(`${json ? JSON.stringify({ document: id, versions }) : text()}\n`);
      return 0;
    },
  };
}

/** Null if it is no terminal: then the answer is shown whole, and as it is. */
function screenOf(stdout: NodeJS.WritableStream): Screen | null {
  if (!('isTTY' in stdout) || stdout.isTTY !== true) return null;
  const size = (name: string, usual: number): number => {
    const given: unknown = Reflect.get(stdout, name);
    return typeof given === 'number' && given > 0 ? given : usual;
  };
  return { rows: size('rows', 24), columns: size('columns', 80) };
}
