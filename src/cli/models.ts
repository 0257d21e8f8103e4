import { UsageError } from '../domain/errors.ts';
import type { OptionKey } from '../domain/options.ts';
import { counted, didYouMean, nearestOf } from '../lib/text.ts';
import { type Api, apiInWords, resolveApi } from '../llm/api.ts';
import { numeral, usd, visible, visibleJson } from '../report/words.ts';
import { requestCatalogue } from '../run/money.ts';
import { freeClient, withApi } from '../run/open-api.ts';
import type { Asked } from '../run/prepare.ts';
import { pricesIn } from '../run/prices.ts';
import { argumentOf, type Command, type CommandContext, commandOptions } from './command.ts';
import { yargsOptions } from './options/table.ts';

const KEYS: readonly OptionKey[] = ['root', 'api', 'apiKeyFile', 'apiHeadersFile', 'proxy', 'priceList', 'json'];

/** `sluice models`: what the API has, with prices. */
export function modelsCommand(context: CommandContext): Command {
  return {
    name: 'models',
    describe:
      'List the models of the API with their prices and limits, the cheapest first; no key is needed where the API asks for none',
    examples: ['models --search sonnet'],
    flags: () => ({
      ...yargsOptions(KEYS),
      search: { type: 'string', describe: 'Only those whose ids hold this text, or each of these words' },
    }),
    run: async (flags) => {
      // It can do without the workspace, which lies in the current folder: that may be deleted.
      const hasNone = context.currentFolder === '' && flags['root'] === undefined;
      const asked = commandOptions(flags, context, hasNone ? KEYS.filter((key) => key !== 'root') : KEYS);
      const search = argumentOf(flags, 'search') ?? '';
      const models = await withApi(resolveApi(asked.options.api), context.version, (open) =>
        findModels(open, asked, search, context),
      );
      const text = asked.options.json
        ? visibleJson(JSON.stringify({ models }))
        : modelsText(models, context.stderr.columns);
      context.stdout.write(`${text}\n`);
      return 0;
    },
  };
}

export interface ModelRow {
  readonly id: string;
  /** USD of a million tokens; null if no price is known. */
  readonly promptUsd: number | null;
  readonly completionUsd: number | null;
  /** Tokens of prompt and answer together; null if it is not told. */
  readonly contextTokens: number | null;
  /** Of the longest answer. */
  readonly maxCompletionTokens: number | null;
  /** Beside text; null if it is not told. */
  readonly inputs: readonly string[] | null;
}

async function findModels(
  api: Api,
  asked: Asked,
  search: string,
  context: CommandContext,
): Promise<readonly ModelRow[]> {
  const { options } = asked;
  const catalogue = await requestCatalogue(freeClient(api, asked, context));
  const name = apiInWords(api);
  if (catalogue === null)
    throw new UsageError(`${name} gave no list of models (GET /models): is it running, and within reach?`);
  const listed = catalogue.models();
  const untold = `${name} tells no list of models (GET /models): its documentation names them. A key may be missing.`;
  if (listed.length === 0) throw new UsageError(untold);

  const prices = await pricesIn(catalogue, { ...options, maxCostUsd: null }, { api, clock: context.clock });
  const words = search.toLowerCase().split(/\s+/);
  const found = listed
    .filter(({ id }) => words.every((word) => id.toLowerCase().includes(word)))
    .map(({ id, contextTokens, maxCompletionTokens, inputs }) => {
      const cost = prices.of(id);
      return {
        id,
        promptUsd: perMillion(cost?.prompt),
        completionUsd: perMillion(cost?.completion),
        contextTokens,
        maxCompletionTokens,
        inputs: inputs?.filter((input) => input !== 'text') ?? null,
      };
    })
    .toSorted(byPrice);
  if (found.length > 0) return found;
  const meant = nearestOf(
    search.toLowerCase(),
    [...new Set(listed.flatMap(({ id }) => id.toLowerCase().split(/[/:-]/)))],
    3,
  );
  throw new UsageError(
    `None of the ${counted(listed.length, 'model')} of ${name} matches ${JSON.stringify(search)}.${didYouMean(meant)}`,
  );
}

function perMillion(perToken: number | undefined): number | null {
  return perToken === undefined ? null : Number((perToken * 1e6).toFixed(6));
}

/** By what an answer costs, then a prompt; without a price last; then by name. */
function byPrice(one: ModelRow, other: ModelRow): number {
  return (
    (one.completionUsd ?? Number.MAX_VALUE) - (other.completionUsd ?? Number.MAX_VALUE) ||
    (one.promptUsd ?? Number.MAX_VALUE) - (other.promptUsd ?? Number.MAX_VALUE) ||
    (one.id < other.id ? -1 : 1)
  );
}

/** A column on the right goes if there is no room for it; a name is never cut, as people copy it. */
export function modelsText(models: readonly ModelRow[], width = Number.POSITIVE_INFINITY): string {
  const head = ['model', 'prompt', 'answer', 'context', 'longest', 'takes'];
  const rows = models.map(({ id, promptUsd, completionUsd, contextTokens, maxCompletionTokens, inputs }) => [
    visible(id),
    price(promptUsd),
    price(completionUsd),
    tokens(contextTokens),
    tokens(maxCompletionTokens),
    visible(inputs?.join(' ') ?? '-'),
  ]);
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const gap = 2;
  let columns = head.length;
  const taken = (): number => widths.slice(0, columns).reduce((sum, one) => sum + one + gap, -gap);
  while (columns > 3 && taken() > width) columns -= 1;
  const line = (row: readonly string[]): string =>
    row
      .slice(0, columns)
      .map((cell, column) =>
        column === 0 || column === 5 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join(' '.repeat(gap))
      .trimEnd();
  return [
    ...[head, ...rows].map(line),
    '',
    `${counted(models.length, 'model')}. Prices in USD per million tokens; context and the longest answer in tokens.`,
  ].join('\n');
}

function price(usdOf: number | null): string {
  if (usdOf === null) return '-';
  return usdOf === 0 ? 'free' : usd(usdOf);
}

function tokens(count: number | null): string {
  return count === null ? '-' : numeral(count);
}
