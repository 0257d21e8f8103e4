import type { CommandModule } from 'yargs';
import type { DocumentRecord } from '../../domain/ledger.ts';
import type { OptionKey, Options } from '../../domain/options.ts';
import type { LedgerReader, Spending } from '../../domain/receipt.ts';
import type { Recipe, Recipes } from '../../domain/recipe.ts';
import { holderOf } from '../../ledger/lock.ts';
import { openLedgerReader } from '../../ledger/reader.ts';
import { resolveApi } from '../../llm/api.ts';
import { loadRecipes } from '../../run/prepare.ts';
import { askedOf, WORKSPACE_KEYS } from '../command.ts';
import type { ProgramSettings } from '../context.ts';
import { yargsOptions } from '../options/table.ts';
import { groupBy } from '../plan/plan.ts';
import { lookIntoFolders, memoryOf, requireWorkspace } from './ledger.ts';
import { type ModelSpent, type Spent, type Status, statusText } from './status-text.ts';
import { BarredRecipes, recordsOf, type Surveyed, type SurveySettings, surveyInbox } from './survey-inbox.ts';

/** With what shapes answers: it tells which results are stale. */
const KEYS: readonly OptionKey[] = [
  ...WORKSPACE_KEYS,
  'api',
  'model',
  'recipe',
  'inboxRecipes',
  'reasoning',
  'maxTokens',
  'json',
];

/** `sluice status`: how the workspace stands, beside whoever works on it. */
export function statusCommand(settings: ProgramSettings): CommandModule {
  return {
    command: 'status',
    describe: 'Tell how many documents are done, failed, held and pending, what runs, and what was spent',
    builder: yargsOptions(KEYS),
    handler: async (flags) => {
      const options = askedOf(flags, KEYS, settings);
      const recipes = loadRecipes(options, resolveApi(options.api), () => settings.clock.now());
      const status = await readStatus(options, recipes, new Date(settings.clock.wall()));
      settings.stdout.write(`${options.json ? JSON.stringify(status) : statusText(status)}\n`);
    },
  };
}

/**
 * How a workspace stands now, beside whoever works on it. `recipes` are those that a run would use.
 *
 * @throws UsageError, DiskError
 */
async function readStatus({ root, inbox, outbox, failed }: Options, recipes: Recipes, now: Date): Promise<Status> {
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

export type CountSettings = Omit<SurveySettings, 'redo' | 'anyApi'>;

type Counts = Record<keyof Status['documents'], number>;

/**
 * How the documents stand: those in the inbox as a run would decide it now, and those whose input has left it as the
 * ledger remembers them. Stale are those that were asked of the same API, and otherwise.
 *
 * @throws DiskError
 */
export function countDocuments(
  reader: LedgerReader | null,
  settings: CountSettings,
): Pick<Status, 'documents' | 'recipes'> {
  const counts: Counts = { done: 0, failed: 0, held: 0, pending: 0, stale: 0 };
  const barred = new BarredRecipes();
  const records = recordsOf(reader);
  for (const surveyed of surveyInbox(reader, records, { ...settings, redo: 'changed', anyApi: true })) {
    addStanding(counts, surveyed);
    barred.see(surveyed.recipe, surveyed.standing?.kind === 'work');
    records.delete(surveyed.document.id);
  }
  for (const [id, record] of records) addRecord(counts, id, record, settings.recipes);
  return { documents: counts, recipes: barred.list() };
}

function addStanding(counts: Counts, { standing, record, recipe }: Surveyed): void {
  if (standing === null || standing.kind === 'work') {
    counts.pending += 1;
    return;
  }
  const { event } = standing;
  if (event.type === 'document-failed') counts.failed += 1;
  else if (event.type === 'document-held') counts.held += 1;
  else if (event.type === 'document-pending') counts.pending += 1;
  else counts.done += 1;

  if (event.type === 'document-skipped' && event.stale && isComparable(record, recipe)) counts.stale += 1;
}

/** Without an input, nothing is pending. */
function addRecord(counts: Counts, id: string, record: DocumentRecord, recipes: Recipes): void {
  const { state, recipe } = record;
  if (state === 'pending' || state === 'replaced') return;
  counts[state] += 1;
  const now = recipes.choose({ id });
  if (state === 'done' && recipe !== null && recipe !== now.hash && isComparable(record, now)) counts.stale += 1;
}

/** Only of the API that a run would ask, and of a recipe that it could use, can be told whether it is the same. */
function isComparable(record: DocumentRecord | undefined, { api, barred }: Recipe): boolean {
  return record?.api === api && barred === null;
}

type Money = Pick<Status, 'spent' | 'models'>;

/** Spending by day, summed up; `now` says which day and month it is, by UTC. */
export function sumSpending(spending: readonly Spending[], now: Date): Money {
  const today = now.toISOString().slice(0, 10);
  const month = today.slice(0, 7);
  return {
    spent: {
      today: sum(spending.filter(({ day }) => day === today)),
      month: sum(spending.filter(({ day }) => day.startsWith(month))),
      total: sum(spending),
    },
    models: byModel(spending),
  };
}

function byModel(spending: readonly Spending[]): readonly ModelSpent[] {
  const groups = groupBy(spending, ({ api, model }) => JSON.stringify([api, model]));
  return [...groups.values()]
    .map(modelSpent)
    .toSorted((one, other) => other.costUsd - one.costUsd || other.attempts - one.attempts);
}

function modelSpent(group: readonly [Spending, ...Spending[]]): ModelSpent {
  const [{ model, api }] = group;
  return { model, api, ...sum(group), inDoubt: group.reduce((calls, { inDoubt }) => calls + inDoubt, 0) };
}

function sum(spending: readonly Spending[]): Spent {
  const total = { costUsd: 0, costUnknownAttempts: 0, attempts: 0 };
  for (const { costUsd, costUnknownAttempts, attempts } of spending) {
    total.costUsd += costUsd;
    total.costUnknownAttempts += costUnknownAttempts;
    total.attempts += attempts;
  }
  return total;
}
