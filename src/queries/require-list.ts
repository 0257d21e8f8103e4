import { UsageError } from '../domain/errors.ts';
import type { LedgerReader } from '../domain/ledger-reader.ts';
import { hasList, type ListPath, listNames, nameOf } from '../report/answer-lists.ts';
import { visible } from '../report/visible.ts';
import { resultRows } from './result-rows.ts';

/** How many lists are named instead: keys of an answer may be as many as its words. */
const NAMED_AT_MOST = 10;

/** Reads until an answer has the list. Throws a UsageError where there are answers and none has it. */
export async function requireList(reader: LedgerReader, list: ListPath): Promise<void> {
  const others = new Set<string>();
  let count = 0;
  for await (const { answer } of resultRows(reader, null)) {
    if (hasList(answer, list)) return;
    for (const other of listNames(answer)) others.add(other);
    count += 1;
  }
  if (count > 0)
    throw new UsageError(`--rows ${visible(nameOf(list))}: no answer has such a list. ${told([...others])}`);
}

function told(lists: readonly string[]): string {
  if (lists.length === 0) return 'None has any list.';
  const more = lists.length > NAMED_AT_MOST ? ', ...' : '';
  return `Lists of answers are: ${lists.slice(0, NAMED_AT_MOST).map(visible).join(', ')}${more}`;
}
