import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, realpathSync, statSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DiskError, UsageError } from '../../domain/errors.ts';
import type { LedgerReader } from '../../domain/receipt.ts';
import { errorCode, errorMessage, orUndefined } from '../../lib/errors.ts';
import { visible, visibleJson } from '../../report/words.ts';
import { argumentOf, type Command, type CommandContext, readingOptions, WORKSPACE_KEYS } from '../command.ts';
import { yargsOptions } from '../options/table.ts';
import { jsonText, type ListPath, listPath } from './answer-value.ts';
import {
  answerCells,
  type Cell,
  chosenColumns,
  csvColumns,
  RECEIPT_COLUMNS,
  receiptCells,
  requireList,
  resultRows,
} from './export-rows.ts';
import { needsWorkspace, readLedgerOf } from './workspace.ts';

/** `sluice export`: all results as one table. */
export function exportCommand(context: CommandContext): Command {
  return {
    name: 'export',
    describe:
      'Write all results as one table: the document, its answer, and all that is recorded of it; --columns chooses',
    examples: ['export --format csv --root papers > results.csv'],
    flags: () => ({
      ...yargsOptions(WORKSPACE_KEYS),
      format: {
        choices: ['csv', 'jsonl'],
        describe:
          'csv: the fields of JSON answers as columns; jsonl: an object a line, JSON answers as values [default: csv]',
      },
      rows: {
        type: 'string',
        requiresArg: true,
        describe:
          'A row for each item of this list in JSON answers, as lines or data.lines; . where the answer is the list [default: a row for each result]',
      },
      columns: {
        type: 'string',
        requiresArg: true,
        describe:
          'Only these, in this order: document,answer; answer has all its fields, answer.total one [default: all]',
      },
      output: {
        type: 'string',
        placeholder: 'FILE',
        requiresArg: true,
        describe: 'The file to write [default: standard output]',
      },
    }),
    needs: needsWorkspace,
    run: async (flags) => {
      const { root } = readingOptions(flags, context, WORKSPACE_KEYS, needsWorkspace).options;
      const output = argumentOf(flags, 'output');
      const rows = argumentOf(flags, 'rows');
      const columns = argumentOf(flags, 'columns');
      await readLedgerOf(root, (reader) =>
        exportResults(reader, {
          format: argumentOf(flags, 'format') === 'jsonl' ? 'jsonl' : 'csv',
          columns: columns === null ? null : columns.split(',').map((name) => name.trim()),
          list: rows === null ? null : listPath(rows),
          stdout: context.stdout,
          file: output === null ? null : resolve(context.currentFolder, output),
        }),
      );
      return 0;
    },
  };
}

export interface ExportSettings {
  readonly format: 'csv' | 'jsonl';
  /** The list of which each item is a row; null: a row for each result. */
  readonly list: ListPath | null;
  /** The names of those that are written, in their order; one has those below it. Null: all. */
  readonly columns: readonly string[] | null;
  /** Absolute; null: `stdout`. */
  readonly file: string | null;
  readonly stdout: NodeJS.WritableStream;
}

/**
 * Writes every result as a row, or with `list` a row for each of its items (one if there are none), as fast as the
 * reader takes them; the reader of `stdout` may leave before the end. A file is written whole or not at all. Throws a
 * UsageError if it cannot be written, no answer has the list, or there is no such column; a DiskError if the disk refuses.
 */
export async function exportResults(
  reader: LedgerReader,
  { format, list, columns, file, stdout }: ExportSettings,
): Promise<void> {
  if (list !== null) await requireList(reader, list);
  const toTerminal = file === null && 'isTTY' in stdout && stdout.isTTY === true;
  const written = toTerminal ? (text: string): string => visible(plainText(text)) : plainText;
  const names =
    format === 'csv'
      ? await csvColumns(reader, list, columns)
      : chosenColumns(['document', 'answer', ...RECEIPT_COLUMNS], columns);
  const rows = Readable.from(
    format === 'csv'
      ? csvRows(reader, { list, names, written })
      : jsonLines(reader, { list, names, written: toTerminal ? visibleJson : (json) => json }),
  );
  const steps = format === 'csv' ? [rows, await rfc4180()] : [rows];
  try {
    if (file === null) await pipeline([...steps, stdout], { end: false });
    else await wholeFile(file, (target) => pipeline([...steps, target]));
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

/** Writes a file whole, in place of what was there, or not at all. What is no regular file (a pipe, a device) is written to. */
export async function wholeFile(
  path: string,
  write: (target: NodeJS.WritableStream) => Promise<unknown>,
): Promise<void> {
  const before = statSync(path, { throwIfNoEntry: false });
  if (before?.isFile() === false) {
    await write(createWriteStream(path));
    return;
  }
  // A link stays one.
  const file = orUndefined(() => realpathSync(path)) ?? path;
  const temp = join(dirname(file), `.${basename(file)}.${randomUUID()}.tmp`);
  const target = createWriteStream(temp, { flags: 'wx', flush: true, ...(before && { mode: before.mode }) });
  try {
    await write(target);
    await rename(temp, file);
  } catch (error) {
    // It may be about to be made.
    if (!target.destroy().closed) await once(target, 'close').catch(() => undefined);
    await rm(temp, { force: true });
    throw error;
  }
}

interface Columns {
  readonly list: ListPath | null;
  /** The columns, in their order. */
  readonly names: readonly string[];
  /** What is written for a text: of a cell or the header in CSV, of a row in JSON. */
  readonly written: (text: string) => string;
}

async function* jsonLines(reader: LedgerReader, { list, names, written }: Columns): AsyncGenerator<string> {
  for await (const { receipt, answer } of resultRows(reader, list)) {
    const row: Readonly<Record<string, unknown>> = { document: receipt.document, answer, ...receiptCells(receipt) };
    yield `${written(jsonText(Object.fromEntries(names.map((name) => [name, row[name]]))))}\n`;
  }
}

/** CSV by RFC 4180; lone line feeds are quoted, too. Loaded only when needed, as that takes a while. */
async function rfc4180(): Promise<NodeJS.ReadWriteStream> {
  const { stringify } = await import('csv-stringify');
  // In countries with a decimal comma, spreadsheets split cells at semicolons.
  return stringify({ record_delimiter: 'windows', quote_record_delimiter: true, quoted_match: /;/ });
}

/** The header, then the rows. A result that comes after the columns were looked for has no others. */
async function* csvRows(reader: LedgerReader, { list, names, written }: Columns): AsyncGenerator<string[]> {
  yield names.map(written);
  for await (const { receipt, answer } of resultRows(reader, list)) {
    const row: Readonly<Record<string, Cell>> = {
      document: receipt.document,
      ...answerCells(answer),
      ...receiptCells(receipt),
    };
    yield names.map((name) => {
      const cell = row[name] ?? '';
      return typeof cell === 'number' ? String(cell) : written(cell);
    });
  }
}

/** Spreadsheets run a text that begins so as a formula (OWASP, CSV Injection). */
// oxlint-disable-next-line no-control-regex -- spreadsheets drop it, and run what follows
const FORMULA = /^[=+\-@\t\r\n\0\uFF1D\uFF0B\uFF0D\uFF20]/;

/** Safe though they begin with a sign: `-0.8`, `-.5`, `-1.5e3`, `-12%`, also longer ones than JavaScript can hold. */
const PLAIN_NUMBER = /^[+-]?(?:\d+(?:[.,]\d+)*|[.,]\d+)(?:[eE][+-]?\d+)?%?$/;

/** A text as spreadsheets show it and do not run it: an apostrophe before it makes a text of what looks like a formula. */
function plainText(text: string): string {
  return FORMULA.test(text) && !PLAIN_NUMBER.test(text) ? `'${text}` : text;
}
