import { createWriteStream } from 'node:fs';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { CommandModule } from 'yargs';
import { DiskError, UsageError } from '../../domain/errors.ts';
import type { LedgerReader } from '../../domain/receipt.ts';
import { errorCode, errorMessage } from '../../lib/errors.ts';
import { visible } from '../../report/words.ts';
import { argumentOf, type CommandContext, commandOptions, WORKSPACE_KEYS } from '../command.ts';
import { yargsOptions } from '../options/table.ts';
import { jsonText } from './answer-value.ts';
import {
  answerCells,
  type Cell,
  type ListPath,
  listPath,
  nameOf,
  RECEIPT_COLUMNS,
  receiptCells,
  requireList,
  resultRows,
} from './export-rows.ts';
import { readLedgerOf } from './ledger.ts';

/** `sluice export`: all results as one table. */
export function exportCommand(context: CommandContext): CommandModule {
  return {
    command: 'export',
    describe: 'Write all results as one table: document, answer, model, tokens, cost, seconds',
    builder: (yargs) =>
      yargs
        .options(yargsOptions(WORKSPACE_KEYS))
        .option('format', {
          choices: ['csv', 'jsonl'],
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
      const { root } = commandOptions(flags, context, WORKSPACE_KEYS).options;
      const output = argumentOf(flags, 'output');
      const rows = argumentOf(flags, 'rows');
      await readLedgerOf(root, (reader) =>
        exportResults(reader, {
          format: argumentOf(flags, 'format') === 'csv' ? 'csv' : 'jsonl',
          list: rows === null ? null : listPath(rows),
          stdout: context.stdout,
          file: output === null ? null : resolve(context.currentFolder, output),
        }),
      );
    },
  };
}

export interface ExportSettings {
  readonly format: 'csv' | 'jsonl';
  /** The list of which each item is a row; null: a row for each result. */
  readonly list: ListPath | null;
  /** Absolute; null: `stdout`. */
  readonly file: string | null;
  readonly stdout: NodeJS.WritableStream;
}

/**
 * Writes every result as a row, or with `list` a row for each of its items (one if there are none), as fast as the
 * reader takes them; the reader of `stdout` may leave before the end. Throws a UsageError if the file cannot be written
 * or no answer has the list, a DiskError if the disk refuses.
 */
export async function exportResults(
  reader: LedgerReader,
  { format, list, file, stdout }: ExportSettings,
): Promise<void> {
  if (list !== null) await requireList(reader, list);
  const toTerminal = file === null && 'isTTY' in stdout && stdout.isTTY === true;
  const written = toTerminal ? (text: string): string => visible(plainText(text)) : plainText;
  const rows = Readable.from(format === 'csv' ? csvRows(reader, list, written) : jsonLines(reader, list));
  const steps = format === 'csv' ? [rows, await rfc4180()] : [rows];
  try {
    await pipeline([...steps, file === null ? stdout : createWriteStream(file)], { end: file !== null });
  } catch (error) {
    const code = errorCode(error);
    if (file === null && code === 'EPIPE') return;
    // Errors of the system have a code; others are our own mistakes.
    if (error instanceof DiskError || code === '') throw error;
    const Kind = ['ENOSPC', 'EDQUOT', 'EIO'].includes(code) ? DiskError : UsageError;
    const where = file === null ? 'Standard output' : `--output ${file}`;
    throw new Kind(`${where} cannot be written: ${errorMessage(error)}`, { cause: error });
  }
}

/** JSON escapes the control characters that a terminal would obey. */
async function* jsonLines(reader: LedgerReader, list: ListPath | null): AsyncGenerator<string> {
  for await (const { receipt, answer } of resultRows(reader, list))
    yield `${jsonText({ document: receipt.document, answer, ...receiptCells(receipt) })}\n`;
}

/** CSV by RFC 4180; lone line feeds are quoted, too. Loaded only when needed, as that takes a while. */
async function rfc4180(): Promise<NodeJS.ReadWriteStream> {
  const { stringify } = await import('csv-stringify');
  // In countries with a decimal comma, spreadsheets split cells at semicolons.
  return stringify({ record_delimiter: 'windows', quote_record_delimiter: true, quoted_match: /;/ });
}

/**
 * The header, then the rows. The ledger is read twice, so that the columns are known before the first row and no row is
 * kept. A result that comes in between has only the columns that were known before it.
 *
 * @param written what a text of a cell, or of the header, is written as
 */
async function* csvRows(
  reader: LedgerReader,
  list: ListPath | null,
  written: (text: string) => string,
): AsyncGenerator<string[]> {
  const columns = ['document', ...(await answerColumns(reader, list)), ...RECEIPT_COLUMNS];
  yield columns.map(written);
  for await (const { receipt, answer } of resultRows(reader, list)) {
    const row: Readonly<Record<string, Cell>> = {
      document: receipt.document,
      ...answerCells(answer),
      ...receiptCells(receipt),
    };
    yield columns.map((column) => {
      const cell = row[column] ?? '';
      return typeof cell === 'number' ? String(cell) : written(cell);
    });
  }
}

/** In the order in which they are found; columns of the list's items come last. */
async function answerColumns(reader: LedgerReader, list: ListPath | null): Promise<readonly string[]> {
  const columns = new Set<string>();
  for await (const { answer } of resultRows(reader, list))
    for (const column of Object.keys(answerCells(answer))) columns.add(column);
  if (columns.size === 0) return ['answer'];
  if (list === null) return [...columns];
  const ofItems = `${nameOf(['answer', ...list])}.`;
  const rank = (column: string): number => (`${column}.`.startsWith(ofItems) ? 1 : 0);
  return [...columns].toSorted((one, other) => rank(one) - rank(other));
}

/** Spreadsheets run a text that begins so as a formula (OWASP, CSV Injection). */
// oxlint-disable-next-line no-control-regex -- spreadsheets drop it, and run what follows
const FORMULA = /^[=+\-@\t\r\n\0\uFF1D\uFF0B\uFF0D\uFF20]/;

/** Safe though they begin with a sign: `-1.5e3`, also longer ones than JavaScript can hold. */
const PLAIN_NUMBER = /^[+-]?\d+(?:[.,]\d+)*(?:[eE][+-]?\d+)?$/;

/** A text as spreadsheets show it and do not run it: an apostrophe before it makes a text of what looks like a formula. */
function plainText(text: string): string {
  return FORMULA.test(text) && !PLAIN_NUMBER.test(text) ? `'${text}` : text;
}
