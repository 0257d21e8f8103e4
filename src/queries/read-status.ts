import { memoryOf, requireWorkspace } from '../cli/inspect/ledger.ts';
import type { Options } from '../domain/options.ts';
import type { Recipes } from '../domain/recipe.ts';
import { holderOf } from '../ledger/holder.ts';
import { openLedgerReader } from '../ledger/reader.ts';
import type { Status } from '../report/status.ts';
import { countDocuments } from './count-documents.ts';
import { lookIntoFolders } from './look-into-folders.ts';
import { sumSpending } from './sum-spending.ts';

/**
 * How a workspace stands now, beside whoever works on it. `recipes` are those that a run would use.
 *
 * @throws UsageError, DiskTrouble
 */
export async function readStatus(
  { root, inbox, outbox, failed }: Options,
  recipes: Recipes,
  now: Date,
): Promise<Status> {
  requireWorkspace(root);
  const holder = await holderOf(memoryOf(root));
  const reader = openLedgerReader(memoryOf(root));
  try {
    const folders = lookIntoFolders(outbox, failed);
    const { documents, recipes: barred } = countDocuments(reader, { inbox, folders, recipes, now: now.getTime() });
    const money = sumSpending(reader?.spending() ?? [], now);
    const begun = reader?.inFlight() ?? 0;
    const told = money.models.reduce((calls, { inDoubt }) => calls + inDoubt, 0);
    return {
      documents,
      recipes: barred,
      running: {
        calls: holder === null ? 0 : begun,
        process: holder === null ? null : { pid: holder.pid, host: holder.host, since: holder.since },
      },
      inDoubt: holder === null ? told + begun : told,
      ...money,
    };
  } finally {
    reader?.close();
  }
}
