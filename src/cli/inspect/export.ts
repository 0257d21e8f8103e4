import { createWriteStream } from 'node:fs';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { CommandModule } from 'yargs';
import { DiskError, UsageError } from '../../domain/errors.ts';
import type { LedgerReader } from '../../domain/receipt.ts';
import { errorCode, errorMessage } from '../../lib/errors.ts';
import { visible } from '../../report/words.ts';
import { askedOf, textOf, WORKSPACE_KEYS } from '../command.ts';
import type { ProgramSettings } from '../context.ts';
import { yargsOptions } from '../options/table.ts';
import { jsonText } from './answer-value.ts';
import {
  answerCells,
  type Cell,
  exportObject,
  type ListPath,
  listPath,
  nameOf,
  RECEIPT_COLUMNS,
  receiptCells,
  requireList,
  resultRows,
} from './export-rows.ts';
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

export interface ExportSettings {
  readonly format: 'csv' | 'jsonl';
  /** The list of which each item is a row; null: a row for each result. */
  readonly list: ListPath | null;
  /** Absolute; null: `stdout`. */
  readonly file: string | null;
  readonly stdout: NodeJS.WritableStream;
}

/**
 * Writes every result, one a row or in as many rows as its list has items, as fast as whoever reads takes them; who reads
 * `stdout` may leave before the end. A result without items is a row, too.
 *
 * @throws UsageError where the file cannot be written, or no answer has the list; DiskError where the disk refuses
 */
export async function exportResults(
  reader: LedgerReader,
  { format, list, file, stdout }: ExportSettings,
): Promise<void> {
  if (list !== null) await requireList(reader, list);
  const toTerminal = file === null && 'isTTY' in stdout && stdout.isTTY === true;
  const steps =
    format === 'csv'
      ? await csv(reader, list, toTerminal ? visible : unchanged)
      : [Readable.from(jsonLines(reader, list))];
  await (file === null ? writeOut(steps, stdout) : writeFile(steps, file));
}

type Steps = readonly (NodeJS.ReadableStream | NodeJS.ReadWriteStream)[];

async function writeOut(steps: Steps, stdout: NodeJS.WritableStream): Promise<void> {
  try {
    await pipeline([...steps, stdout], { end: false });
  } catch (error) {
    if (errorCode(error) !== 'EPIPE') throw troubleOf('Standard output', error);
  }
}

async function writeFile(steps: Steps, file: string): Promise<void> {
  try {
    await pipeline([...steps, createWriteStream(file)]);
  } catch (error) {
    throw troubleOf(`--output ${file}`, error);
  }
}

/** What the system refuses has a code; what else went wrong is told as it is. */
function troubleOf(where: string, error: unknown): unknown {
  if (error instanceof DiskError || errorCode(error) === '') return error;
  const Kind = ['ENOSPC', 'EDQUOT', 'EIO'].includes(errorCode(error)) ? DiskError : UsageError;
  return new Kind(`${where} cannot be written: ${errorMessage(error)}`, { cause: error });
}

/** JSON escapes by itself what a terminal would obey. */
async function* jsonLines(reader: LedgerReader, list: ListPath | null): AsyncGenerator<string> {
  for await (const { receipt, answer } of resultRows(reader, list))
    yield `${jsonText(exportObject(receipt, answer))}\n`;
}

type Cleaned = (text: string) => string;

/** As RFC 4180 has it: lone line feeds are quoted, too. */
async function csv(reader: LedgerReader, list: ListPath | null, cleaned: Cleaned): Promise<Steps> {
  // Not before it is needed: it takes its time to load.
  const { stringify } = await import('csv-stringify');
  return [
    Readable.from(csvRows(reader, list, cleaned)),
    stringify({ record_delimiter: 'windows', quote_record_delimiter: true }),
  ];
}

/**
 * The header, then the rows. The ledger is read twice, so that the columns are known before the first row and no row is
 * kept. Of a result that comes in between, only what has a column is told.
 */
async function* csvRows(reader: LedgerReader, list: ListPath | null, cleaned: Cleaned): AsyncGenerator<string[]> {
  const columns = ['document', ...(await answerColumns(reader, list)), ...RECEIPT_COLUMNS];
  yield columns.map(cleaned);
  for await (const { receipt, answer } of resultRows(reader, list)) {
    const row: Readonly<Record<string, Cell>> = {
      document: receipt.document,
      ...answerCells(answer),
      ...receiptCells(receipt),
    };
    yield columns.map((column) => cellText(row[column], cleaned));
  }
}

/** In the order in which they come; those of the items of the list behind the others. */
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

function cellText(cell: Cell | undefined, cleaned: Cleaned): string {
  if (cell === null || cell === undefined) return '';
  return typeof cell === 'number' ? String(cell) : cleaned(cell);
}

function unchanged(text: string): string {
  return text;
}
