import { withoutNoise } from '../../domain/attempt.ts';
import { type Options, SHAPING_KEYS } from '../../domain/options.ts';
import type { Spending } from '../../domain/receipt.ts';
import { createConverter } from '../../inbox/convert/converter.ts';
import { type Holder, holderOf } from '../../ledger/lock.ts';
import { groupBy, total } from '../../lib/collections.ts';
import { resolveApi } from '../../llm/api.ts';
import { unsaidPdfEngine } from '../../llm/conversation/capabilities.ts';
import { loadRecipes } from '../../run/prepare.ts';
import type { CommandContext } from '../command.ts';
import { type Counts, countDocuments } from './count-documents.ts';
import { type Inspected, ledgerFolderOf, lookIntoFolders, readWorkspace, requireWorkspace } from './workspace.ts';

/** What `sluice status` found; with `--json` it is printed as it is. */
export interface Status extends Counts, Money {
  /** The options with which documents were looked at. */
  readonly asFor: Pick<Options, 'api' | 'model' | 'recipe' | 'prompt'> & {
    /** They are those of the process that works on the workspace. */
    readonly process: boolean;
  };
  readonly running: {
    /** In flight now. */
    readonly calls: number;
    /** Who works on the workspace; `since` is ISO 8601, UTC. */
    readonly process: Pick<Holder, 'pid' | 'host' | 'since'> | null;
  };
  /** Calls that may have been billed without a whole reply. */
  readonly inDoubt: number;
}

/**
 * Its own options say what the running process takes for stale, flags what another run would. `process`: they are those of
 * the process, without any flag.
 */
function optionsAsFor(holder: Holder | null, { options, given }: Pick<Inspected, 'options' | 'given'>) {
  if (holder?.options == null) return { options, process: false };
  const flags = SHAPING_KEYS.filter((key) => given[key] === 'flag').map((key) => [key, options[key]] as const);
  return { options: { ...options, ...holder.options, ...Object.fromEntries(flags) }, process: flags.length === 0 };
}

/** Throws a UsageError or DiskError. */
export async function readStatus(
  asked: Pick<Inspected, 'options' | 'given' | 'hint' | 'answers' | 'recipesFolder'>,
  clock: Pick<CommandContext['clock'], 'now' | 'wall'>,
): Promise<Status> {
  const { root } = asked.options;
  requireWorkspace(root);
  const holder = await holderOf(ledgerFolderOf(root));
  const { options, process } = optionsAsFor(holder, asked);
  const { outbox, failed, api, model, recipe, prompt } = options;
  const recipes = loadRecipes({ options, hint: asked.hint }, () => clock.now(), asked.recipesFolder);
  const folders = lookIntoFolders(outbox, failed);
  const converter = createConverter({ worker: null, pdf: unsaidPdfEngine(resolveApi(api)) });
  return readWorkspace(root, (reader) => {
    const counts = countDocuments(reader, {
      ...options,
      folders,
      recipes,
      converter,
      now: clock.wall(),
      elsewhere: asked.answers !== null,
    });
    const money = sumSpending(reader?.spending() ?? [], new Date(clock.wall()));
    const begun = reader?.inFlight() ?? 0;
    return {
      ...counts,
      asFor: { api, model, recipe, prompt, process },
      running: {
        calls: holder === null ? 0 : begun,
        process: holder && { pid: holder.pid, host: holder.host, since: holder.since },
      },
      // Without a process, what was begun and has not ended was left by one that died.
      inDoubt: total(money.models, ({ inDoubt }) => inDoubt) + (holder === null ? begun : 0),
      ...money,
    };
  });
}

export type SpentSum = Pick<Spending, 'costUsd' | 'costUnknownAttempts' | 'attempts'>;

export interface Money {
  /** By UTC day and month. */
  readonly spent: Readonly<Record<'today' | 'month' | 'total', SpentSum>>;
  /** What the simulator's answers would have cost: nothing was paid. */
  readonly simulated: SpentSum;
  /** The most expensive first; those of the simulator, which cost nothing, are among them. */
  readonly models: readonly Omit<Spending, 'day'>[];
}

/** Sums of the spending by day; `now` says which day and month it is, by UTC. */
export function sumSpending(spending: readonly Spending[], now: Date): Money {
  const today = now.toISOString().slice(0, 10);
  const month = today.slice(0, 7);
  const paid = spending.filter(({ api }) => api !== 'simulator');
  const byModel = groupBy(spending, ({ api, model }) => JSON.stringify([api, model]));
  return {
    spent: {
      today: sum(paid.filter(({ day }) => day === today)),
      month: sum(paid.filter(({ day }) => day.startsWith(month))),
      total: sum(paid),
    },
    simulated: sum(spending.filter(({ api }) => api === 'simulator')),
    models: Array.from(byModel.values(), (days) => {
      const [{ model, api }] = days;
      return { model, api, ...sum(days), inDoubt: total(days, ({ inDoubt }) => inDoubt) };
    }).toSorted((one, other) => other.costUsd - one.costUsd || other.attempts - one.attempts),
  };
}

function sum(spending: readonly Spending[]): SpentSum {
  return {
    costUsd: withoutNoise(total(spending, ({ costUsd }) => costUsd)),
    costUnknownAttempts: total(spending, ({ costUnknownAttempts }) => costUnknownAttempts),
    attempts: total(spending, ({ attempts }) => attempts),
  };
}
