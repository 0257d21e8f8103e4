import type { CommandModule } from 'yargs';
import type { DocumentRecord } from '../../domain/ledger.ts';
import type { OptionKey, Options } from '../../domain/options.ts';
import type { LedgerReader, Spending } from '../../domain/receipt.ts';
import type { Recipe, Recipes } from '../../domain/recipe.ts';
import { holderOf } from '../../ledger/lock.ts';
import { openLedgerReader } from '../../ledger/reader.ts';
import { resolveApi } from '../../llm/api.ts';
import {
  type BarredRecipe,
  barredRecipeLine,
  costInWords,
  counted,
  numberInWords,
  visible,
} from '../../report/words.ts';
import { loadRecipes } from '../../run/prepare.ts';
import { type CommandContext, commandOptions, WORKSPACE_KEYS } from '../command.ts';
import { yargsOptions } from '../options/table.ts';
import { groupBy } from '../plan/plan.ts';
import { lookIntoFolders, memoryOf, requireWorkspace } from './ledger.ts';
import { BarredRecipes, recordsOf, type Surveyed, type SurveySettings, surveyInbox } from './survey-inbox.ts';

/** With what shapes answers, to find results that are stale. */
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

/** `sluice status`: how the workspace stands, also while another process works on it. */
export function statusCommand(context: CommandContext): CommandModule {
  return {
    command: 'status',
    describe: 'Tell how many documents are done, failed, held and pending, what runs, and what was spent',
    builder: yargsOptions(KEYS),
    handler: async (flags) => {
      const options = commandOptions(flags, context, KEYS).options;
      const recipes = loadRecipes(options, resolveApi(options.api), () => context.clock.now());
      const status = await readStatus(options, recipes, new Date(context.clock.wall()));
      context.stdout.write(`${options.json ? JSON.stringify(status) : statusText(status)}\n`);
    },
  };
}

/** What calls cost together. */
interface SpentSum {
  /** USD; the sum of what is known. */
  readonly costUsd: number;
  /** Attempts that cost, or may have cost, and how much is not known. */
  readonly costUnknownAttempts: number;
  readonly attempts: number;
}

interface ModelSpentSum extends SpentSum {
  readonly model: string;
  readonly api: string;
  /** Attempts that may have been billed, and of which no whole reply came. */
  readonly inDoubt: number;
}

/** What `sluice status` found; with `--json` it is printed as it is. */
export interface Status {
  /** `stale` of those that are done: made with another recipe, model or parameters than a run would use now. */
  readonly documents: Readonly<Record<'done' | 'failed' | 'held' | 'pending' | 'stale', number>>;
  /** Those of documents in the inbox that cannot be used as things are. */
  readonly recipes: readonly BarredRecipe[];
  readonly running: {
    /** In flight now. */
    readonly calls: number;
    /** Who works on the workspace; `since` is ISO 8601, UTC. */
    readonly process: { readonly pid: number; readonly host: string; readonly since: string } | null;
  };
  /** Calls that may have been billed, and of which no whole reply came; also those that a process left when it died. */
  readonly inDoubt: number;
  /** By UTC day and month. */
  readonly spent: Readonly<Record<'today' | 'month' | 'total', SpentSum>>;
  /** The most expensive first. */
  readonly models: readonly ModelSpentSum[];
}

/**
 * How a workspace stands now, also while another process works on it. `recipes` are those that a run would use.
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

type DocumentCounts = Record<keyof Status['documents'], number>;

/**
 * How the documents stand: those in the inbox as a run would decide it now, and those whose input has left it as the
 * ledger remembers them. Stale are those that were asked of the same API with something else.
 *
 * @throws DiskError
 */
export function countDocuments(
  reader: LedgerReader | null,
  settings: CountSettings,
): Pick<Status, 'documents' | 'recipes'> {
  const counts: DocumentCounts = { done: 0, failed: 0, held: 0, pending: 0, stale: 0 };
  const barred = new BarredRecipes();
  const records = recordsOf(reader);
  for (const surveyed of surveyInbox(reader, records, { ...settings, redo: 'changed', anyApi: true })) {
    addStatus(counts, surveyed);
    barred.see(surveyed.recipe, surveyed.status?.kind === 'work');
    records.delete(surveyed.document.id);
  }
  for (const [id, record] of records) addRecord(counts, id, record, settings.recipes);
  return { documents: counts, recipes: barred.list() };
}

function addStatus(counts: DocumentCounts, { status, record, recipe }: Surveyed): void {
  if (status === null || status.kind === 'work') {
    counts.pending += 1;
    return;
  }
  const { event } = status;
  if (event.type === 'document-failed') counts.failed += 1;
  else if (event.type === 'document-held') counts.held += 1;
  else if (event.type === 'document-pending') counts.pending += 1;
  else counts.done += 1;

  if (event.type === 'document-skipped' && event.stale && isComparable(record, recipe)) counts.stale += 1;
}

/** Without an input, nothing is pending. */
function addRecord(counts: DocumentCounts, id: string, record: DocumentRecord, recipes: Recipes): void {
  const { state, recipe } = record;
  if (state === 'pending' || state === 'replaced') return;
  counts[state] += 1;
  const now = recipes.choose({ id });
  if (state === 'done' && recipe !== null && recipe !== now.hash && isComparable(record, now)) counts.stale += 1;
}

/** Whether a record can be compared at all: it is of the API that a run would ask, and the recipe can be used. */
function isComparable(record: DocumentRecord | undefined, { api, barred }: Recipe): boolean {
  return record?.api === api && barred === null;
}

type StatusMoney = Pick<Status, 'spent' | 'models'>;

/** Spending by day, summed up; `now` says which day and month it is, by UTC. */
export function sumSpending(spending: readonly Spending[], now: Date): StatusMoney {
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

function byModel(spending: readonly Spending[]): readonly ModelSpentSum[] {
  const groups = groupBy(spending, ({ api, model }) => JSON.stringify([api, model]));
  return [...groups.values()]
    .map(modelSpent)
    .toSorted((one, other) => other.costUsd - one.costUsd || other.attempts - one.attempts);
}

function modelSpent(group: readonly [Spending, ...Spending[]]): ModelSpentSum {
  const [{ model, api }] = group;
  return { model, api, ...sum(group), inDoubt: group.reduce((calls, { inDoubt }) => calls + inDoubt, 0) };
}

function sum(spending: readonly Spending[]): SpentSum {
  const total = { costUsd: 0, costUnknownAttempts: 0, attempts: 0 };
  for (const { costUsd, costUnknownAttempts, attempts } of spending) {
    total.costUsd += costUsd;
    total.costUnknownAttempts += costUnknownAttempts;
    total.attempts += attempts;
  }
  return total;
}

/** What `sluice status` says to people. */
export function statusText({ documents, recipes, running, inDoubt, spent, models }: Status): string {
  const { done, failed, held, pending, stale } = documents;
  const total = done + failed + held + pending;
  return [
    `${counted(total, 'document')}: ${numberInWords(done)} done, ${numberInWords(failed)} failed, ` +
      `${numberInWords(held)} held, ${numberInWords(pending)} pending.`,
    stale === 0 ? null : `Stale: ${staleness(stale)}`,
    failed + held === 0 ? null : 'To have failed and held documents tried again: sluice retry',
    ...recipes.map(barredRecipeLine),
    `Running: ${runningInWords(running)}.`,
    inDoubt === 0 ? null : `In doubt: ${counted(inDoubt, 'call')} may have been billed without an answer.`,
    `Spent (UTC): today ${spentInWords(spent.today)}; this month ${spentInWords(spent.month)}; ` +
      `in all ${spentInWords(spent.total)}.`,
    ...models.map(modelLine),
  ]
    .filter((line) => line !== null)
    .join('\n');
}

function staleness(stale: number): string {
  const were = stale === 1 ? 'was' : 'were';
  return `${counted(stale, 'result')} ${were} made with another recipe, model or parameters (--redo stale asks them again).`;
}

function runningInWords({ calls, process }: Status['running']): string {
  if (process === null) return 'nothing';
  const { pid, host, since } = process;
  return `${counted(calls, 'call')} in flight, by process ${pid} on ${visible(host)} since ${visible(since)}`;
}

function spentInWords(spent: SpentSum): string {
  return `${costInWords(spent)} (${counted(spent.attempts, 'call')})`;
}

function modelLine({ model, api, inDoubt, ...spent }: ModelSpentSum): string {
  const doubt = inDoubt === 0 ? '' : `, ${numberInWords(inDoubt)} in doubt`;
  return `  ${visible(model)} at ${visible(api)}: ${spentInWords(spent)}${doubt}`;
}
