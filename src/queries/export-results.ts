import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setImmediate } from 'node:timers/promises';
import { stringify } from 'csv-stringify';
import { DiskTrouble, errorCode, errorMessage, UsageError } from '../domain/errors.ts';
import type { LedgerReader } from '../domain/ledger-reader.ts';
import { answerCells, type Cell, exportObject, RECEIPT_COLUMNS, receiptCells } from '../report/export-row.ts';
import { visible } from '../report/visible.ts';

/** Results that are read in one turn of the event loop. */
const RESULTS_PER_TURN = 1000;

export interface ExportSettings {
  readonly format: 'csv' | 'jsonl';
  /** Absolute; null: `stdout`. */
  readonly file: string | null;
  readonly stdout: NodeJS.WritableStream;
}

/**
 * Writes every result, one a row, as fast as whoever reads takes them; who reads `stdout` may leave before the end.
 *
 * @throws UsageError where the file cannot be written, DiskTrouble where the disk refuses
 */
export async function exportResults(reader: LedgerReader, { format, file, stdout }: ExportSettings): Promise<void> {
  const toTerminal = file === null && 'isTTY' in stdout && stdout.isTTY === true;
  const steps = format === 'csv' ? csv(reader, toTerminal ? visible : unchanged) : [Readable.from(jsonLines(reader))];
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
  if (error instanceof DiskTrouble || errorCode(error) === '') return error;
  const Kind = ['ENOSPC', 'EDQUOT', 'EIO'].includes(errorCode(error)) ? DiskTrouble : UsageError;
  return new Kind(`${where} cannot be written: ${errorMessage(error)}`, { cause: error });
}

/** JSON escapes by itself what a terminal would obey. */
async function* jsonLines(reader: LedgerReader): AsyncGenerator<string> {
  for await (const { receipt, answer } of inTurns(reader.results()))
    yield `${JSON.stringify(exportObject(receipt, answer))}\n`;
}

/** As RFC 4180 has it: lone line feeds are quoted, too. */
function csv(reader: LedgerReader, cleaned: (text: string) => string): Steps {
  return [
    Readable.from(csvRows(reader, cleaned)),
    stringify({ record_delimiter: 'windows', quote_record_delimiter: true }),
  ];
}

/**
 * The header, then the rows. The ledger is read twice, so that the columns are known before the first row and no row is
 * kept. Of a result that comes in between, only what has a column is told.
 */
async function* csvRows(reader: LedgerReader, cleaned: (text: string) => string): AsyncGenerator<string[]> {
  const columns = ['document', ...(await answerColumns(reader)), ...RECEIPT_COLUMNS];
  yield columns.map(cleaned);
  for await (const { receipt, answer } of inTurns(reader.results())) {
    const row: Readonly<Record<string, Cell>> = {
      document: receipt.document,
      ...answerCells(answer),
      ...receiptCells(receipt),
    };
    yield columns.map((column) => textOf(row[column], cleaned));
  }
}

/** In the order in which they come. */
async function answerColumns(reader: LedgerReader): Promise<Iterable<string>> {
  const columns = new Set<string>();
  for await (const { answer } of inTurns(reader.results()))
    for (const column of Object.keys(answerCells(answer))) columns.add(column);
  return columns.size === 0 ? ['answer'] : columns;
}

/** The event loop goes on in between: not before then the driver frees what was read. */
async function* inTurns<T>(rows: Iterable<T>): AsyncGenerator<T> {
  let count = 0;
  for (const row of rows) {
    count += 1;
    // oxlint-disable-next-line eslint/no-await-in-loop -- one after another is what it is about
    if (count % RESULTS_PER_TURN === 0) await setImmediate();
    yield row;
  }
}

function textOf(cell: Cell | undefined, cleaned: (text: string) => string): string {
  if (cell === null || cell === undefined) return '';
  return typeof cell === 'number' ? String(cell) : cleaned(cell);
}

function unchanged(text: string): string {
  return text;
}
