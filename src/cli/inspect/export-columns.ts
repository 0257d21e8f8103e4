import { UsageError } from '../../domain/errors.ts';
import type { LedgerReader } from '../../domain/receipt.ts';
import { nearest } from '../../lib/text.ts';
import { visible } from '../../report/words.ts';
import { answerCells, type ListPath, nameOf, RECEIPT_COLUMNS, resultRows } from './export-rows.ts';

/**
 * The columns of a CSV, or those of them that are `chosen`. The ledger is read for it, so that the columns are known before
 * the first row and no row is kept. Throws a UsageError if there is no such column.
 */
export async function csvColumns(
  reader: LedgerReader,
  list: ListPath | null,
  chosen: readonly string[] | null,
): Promise<readonly string[]> {
  const plain = ['document', ...RECEIPT_COLUMNS];
  if (chosen?.every((name) => plain.includes(name)) === true) return chosenColumns(plain, chosen);
  const found = await answerColumns(reader, list);
  const ofFields = (chosen ?? []).filter((name) => name.startsWith('answer.'));
  // Without a result, the fields of answers are not known.
  const ofAnswer = found.length > 0 ? found : ['answer', ...ofFields];
  return chosenColumns(['document', ...ofAnswer, ...RECEIPT_COLUMNS], chosen);
}

/** In the order in which they are found; columns of the list's items come last. */
async function answerColumns(reader: LedgerReader, list: ListPath | null): Promise<readonly string[]> {
  const columns = new Set<string>();
  for await (const { answer } of resultRows(reader, list))
    for (const column of Object.keys(answerCells(answer))) columns.add(column);
  if (list === null) return [...columns];
  const ofItems = `${nameOf(['answer', ...list])}.`;
  const rank = (column: string): number => (`${column}.`.startsWith(ofItems) ? 1 : 0);
  return [...columns].toSorted((one, other) => rank(one) - rank(other));
}

/** Columns that an error names: an answer may have thousands of fields. */
const NAMED_AT_MOST = 40;

/** The columns with these names, in their order; `answer` has `answer.sender.name`, too. Throws a UsageError if one has none. */
export function chosenColumns(all: readonly string[], names: readonly string[] | null): readonly string[] {
  if (names === null) return all;
  const columnsOf = (name: string): readonly string[] =>
    all.filter((column) => column === name || column.startsWith(`${name}.`));
  const unknown = names.filter((name) => columnsOf(name).length === 0);
  if (unknown.length > 0) throw new UsageError(unknownColumns(unknown, all));
  return [...new Set(names.flatMap(columnsOf))];
}

function unknownColumns(names: readonly string[], all: readonly string[]): string {
  const each = names.map((name) => {
    // Of a field, its last name is what a person remembers.
    const ending = all.find((column) => column.endsWith(`.${name}`));
    const meant = ending ?? nearest(name, all);
    return `there is no column ${JSON.stringify(name)}${meant === null ? '.' : `: did you mean ${visible(meant)}?`}`;
  });
  const listed = all.slice(0, NAMED_AT_MOST).map(visible).join(', ');
  return `--columns: ${each.join(' And ')} Columns are: ${listed}${all.length > NAMED_AT_MOST ? ', ...' : ''}`;
}
