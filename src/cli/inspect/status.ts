import type { CommandModule } from 'yargs';
import type { DocumentRef } from '../../domain/document.ts';
import type { DocumentRecord } from '../../domain/ledger.ts';
import type { OptionKey, Options } from '../../domain/options.ts';
import type { LedgerReader, Spending } from '../../domain/receipt.ts';
import type { Recipe, Recipes } from '../../domain/recipe.ts';
import { createConverter } from '../../inbox/convert/converter.ts';
import { holderOf } from '../../ledger/lock.ts';
import { resolveApi } from '../../llm/api.ts';
import { unsaidPdfEngine } from '../../llm/conversation/pdf-engine.ts';
import { staleness } from '../../pipeline/document-status.ts';
import {
  type BarredRecipe,
  barredRecipeLine,
  costInWords,
  counted,
  numberInWords,
  visible,
} from '../../report/words.ts';
import { loadRecipes } from '../../run/prepare.ts';
import { countEach, groupBy, total } from '../collections.ts';
import { ANSWER_KEYS, type CommandContext, commandOptions, WORKSPACE_KEYS } from '../command.ts';
import { yargsOptions } from '../options/table.ts';
import { lookIntoFolders, memoryOf, readWorkspace } from './ledger.ts';
import { noteBarred, recordsOf, type SurveySettings, surveyInbox } from './survey-inbox.ts';

/** With the options that shape an answer, to find stale results. */
const KEYS: readonly OptionKey[] = [...WORKSPACE_KEYS, 'api', ...ANSWER_KEYS, 'include', 'exclude', 'json'];

/** `sluice status`: how the workspace stands, also while another process works on it. */
export function statusCommand(context: CommandContext): CommandModule {
  return {
    command: 'status',
    describe: 'Tell how many documents are done, failed, held and pending, what runs, and what was spent',
    builder: yargsOptions(KEYS),
    handler: async (flags) => {
      const asked = commandOptions(flags, context, KEYS);
      const { options } = asked;
      const recipes = loadRecipes(asked, () => context.clock.now());
      const status = await readStatus(options, recipes, new Date(context.clock.wall()));
      context.stdout.write(`${options.json ? JSON.stringify(status) : statusText(status)}\n`);
    },
  };
}

type SpentSum = Pick<Spending, 'costUsd' | 'costUnknownAttempts' | 'attempts'>;

/** What `sluice status` found; with `--json` it is printed as it is. */
export interface Status {
  /** `stale`: those of `done` that a run would ask something else now. */
  readonly documents: Readonly<Record<'done' | 'failed' | 'held' | 'pending' | 'stale', number>>;
  /** Those of `stale` whose document is no longer in the inbox: there is nothing to ask again. */
  readonly staleGone: number;
  /** Those of `stale` that were read by a reader of another revision, by format. */
  readonly outdatedReaders: Readonly<Record<string, number>>;
  /** Recipes of documents in the inbox that cannot be used as they are. */
  readonly recipes: readonly BarredRecipe[];
  readonly running: {
    /** In flight now. */
    readonly calls: number;
    /** Who works on the workspace; `since` is ISO 8601, UTC. */
    readonly process: { readonly pid: number; readonly host: string; readonly since: string } | null;
  };
  /** Calls that may have been billed without a whole reply. */
  readonly inDoubt: number;
  /** By UTC day and month. */
  readonly spent: Readonly<Record<'today' | 'month' | 'total', SpentSum>>;
  /** The most expensive first. */
  readonly models: readonly Omit<Spending, 'day'>[];
}

/** `recipes` are those that a run would use. Throws a UsageError or DiskError. */
function readStatus(
  { root, inbox, outbox, failed, api, include, exclude }: Options,
  recipes: Recipes,
  now: Date,
): Promise<Status> {
  return readWorkspace(root, async (reader) => {
    const holder = await holderOf(memoryOf(root));
    const folders = lookIntoFolders(outbox, failed);
    const converter = createConverter({ worker: null, pdf: unsaidPdfEngine(resolveApi(api)) });
    const counts = countDocuments(reader, { inbox, folders, recipes, converter, include, exclude, now: now.getTime() });
    const money = sumSpending(reader?.spending() ?? [], now);
    const begun = reader?.inFlight() ?? 0;
    const process = holder && { pid: holder.pid, host: holder.host, since: holder.since };
    return {
      ...counts,
      running: { calls: process === null ? 0 : begun, process },
      // Without a process, what was begun and has not ended was left by one that died.
      inDoubt: total(money.models, ({ inDoubt }) => inDoubt) + (process === null ? begun : 0),
      ...money,
    };
  });
}

export type CountSettings = Omit<SurveySettings, 'redo' | 'anyApi'>;

/**
 * How the documents stand: those in the inbox as a run would decide it now, and those whose input has left it as the
 * ledger remembers them. Throws a DiskError.
 */
export function countDocuments(
  reader: LedgerReader | null,
  settings: CountSettings,
): Pick<Status, 'documents' | 'staleGone' | 'outdatedReaders' | 'recipes'> {
  const counts = { done: 0, failed: 0, held: 0, pending: 0, stale: 0 };
  let staleGone = 0;
  const outdated: string[] = [];
  const barred = new Map<string, BarredRecipe>();
  const records = recordsOf(reader, settings);
  const outdatedOf = ({ readers }: DocumentRecord, document: Pick<DocumentRef, 'id'>, { handling }: Recipe) =>
    settings.converter.outdated(readers, document, handling.pdf);
  for (const surveyed of surveyInbox(reader, records, { ...settings, redo: 'changed', anyApi: true })) {
    const { document, record, recipe, state } = surveyed;
    counts[state === 'work' ? 'pending' : state] += 1;
    if (surveyed.stale && isComparable(record, recipe)) {
      counts.stale += 1;
      outdated.push(...outdatedOf(record, document, recipe));
    }
    noteBarred(barred, recipe, state === 'work');
    records.delete(document.id);
  }
  for (const [id, record] of records) {
    const { state } = record;
    // Without an input there is nothing to ask.
    if (state === 'pending' || state === 'replaced') continue;
    counts[state] += 1;
    const now = settings.recipes.choose({ id });
    if (state !== 'done' || !isComparable(record, now)) continue;
    if (staleness(record, { id }, now, settings.converter) === null) continue;
    counts.stale += 1;
    staleGone += 1;
    outdated.push(...outdatedOf(record, { id }, now));
  }
  return {
    documents: counts,
    staleGone,
    outdatedReaders: Object.fromEntries(countEach(outdated)),
    recipes: [...barred.values()],
  };
}

/** Whether a record is of the API that a run would ask, and the recipe can be used. */
function isComparable(record: DocumentRecord | undefined, { api, barred }: Recipe): record is DocumentRecord {
  return record?.api === api && barred === null;
}

/** Sums of the spending by day; `now` says which day and month it is, by UTC. */
export function sumSpending(spending: readonly Spending[], now: Date): Pick<Status, 'spent' | 'models'> {
  const today = now.toISOString().slice(0, 10);
  const month = today.slice(0, 7);
  const byModel = groupBy(spending, ({ api, model }) => JSON.stringify([api, model]));
  return {
    spent: {
      today: sum(spending.filter(({ day }) => day === today)),
      month: sum(spending.filter(({ day }) => day.startsWith(month))),
      total: sum(spending),
    },
    models: Array.from(byModel.values(), (days) => {
      const [{ model, api }] = days;
      return { model, api, ...sum(days), inDoubt: total(days, ({ inDoubt }) => inDoubt) };
    }).toSorted((one, other) => other.costUsd - one.costUsd || other.attempts - one.attempts),
  };
}

function sum(spending: readonly Spending[]): SpentSum {
  return {
    costUsd: total(spending, ({ costUsd }) => costUsd),
    costUnknownAttempts: total(spending, ({ costUnknownAttempts }) => costUnknownAttempts),
    attempts: total(spending, ({ attempts }) => attempts),
  };
}

/** What `sluice status` says to people. */
export function statusText({
  documents,
  staleGone,
  outdatedReaders,
  recipes,
  running,
  inDoubt,
  spent,
  models,
}: Status): string {
  const { done, failed, held, pending, stale } = documents;
  const { calls, process } = running;
  const outdated = Object.entries(outdatedReaders);
  const lines = [
    `${counted(done + failed + held + pending, 'document')}: ${numberInWords(done)} done, ${numberInWords(failed)} failed, ` +
      `${numberInWords(held)} held, ${numberInWords(pending)} pending.`,
    stale > 0 &&
      `Stale: ${counted(stale, 'result')} ${stale === 1 ? 'was' : 'were'} made with another recipe, model or parameters, ` +
        `or of what another version read (${againInWords(stale, staleGone)}).`,
    outdated.length > 0 &&
      `  Read by another version: ${outdated.map(([format, count]) => `${numberInWords(count)} ${format}`).join(', ')}.`,
    failed + held > 0 && 'To have failed and held documents tried again: sluice retry',
    ...recipes.map(barredRecipeLine),
    process === null
      ? 'Running: nothing.'
      : `Running: ${counted(calls, 'call')} in flight, by process ${process.pid} on ${visible(process.host)} ` +
        `since ${visible(process.since)}.`,
    inDoubt > 0 && `In doubt: ${counted(inDoubt, 'call')} may have been billed without an answer.`,
    `Spent (UTC): today ${spentInWords(spent.today)}; this month ${spentInWords(spent.month)}; ` +
      `in all ${spentInWords(spent.total)}.`,
    ...models.map((one) => {
      const doubt = one.inDoubt === 0 ? '' : `, ${numberInWords(one.inDoubt)} in doubt`;
      return `  ${visible(one.model)} at ${visible(one.api)}: ${spentInWords(one)}${doubt}`;
    }),
  ];
  return lines.filter((line) => line !== false).join('\n');
}

function againInWords(stale: number, gone: number): string {
  if (gone === 0) return '--redo stale asks them again';
  if (gone === stale) return 'no longer in the inbox: --redo stale does not ask again';
  return `--redo stale asks them again, but not the ${numberInWords(gone)} whose document is no longer in the inbox`;
}

function spentInWords(spent: SpentSum): string {
  return `${costInWords(spent)} (${counted(spent.attempts, 'call')})`;
}
