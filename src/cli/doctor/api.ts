import { UsageError } from '../../domain/errors.ts';
import type { Options } from '../../domain/options.ts';
import { type Access, findAccess, keySource, secretsOf } from '../../llm/access.ts';
import { type Api, apiInWords, resolveApi } from '../../llm/api.ts';
import type { Catalogue } from '../../llm/catalogue.ts';
import { type AccountLook, createLlm } from '../../llm/llm.ts';
import { numeral, usd, visible } from '../../report/words.ts';
import { withApi } from '../../run/open-api.ts';
import { type Asked, type Hint, requireModel } from '../../run/prepare.ts';
import { pricesIn } from '../../run/prices.ts';
import type { CommandContext } from '../command.ts';
import { quoted } from '../hints.ts';
import { type Finding, fix, note, ok } from './finding.ts';

/** Key, credit, clock, model and prices: by the API's free answers, no completion is asked for. */
export function apiFindings(asked: Asked, context: CommandContext, hint: Hint): Promise<readonly Finding[]> {
  return withApi(resolveApi(asked.options.api), context.version, (open) => lookAtApi(open, asked, context, hint));
}

async function lookAtApi(api: Api, asked: Asked, context: CommandContext, hint: Hint): Promise<readonly Finding[]> {
  const { options, environment } = asked;
  const named = apiInWords(api);
  const { access, refusal } = accessTo(api, asked);
  for (const secret of secretsOf(access)) context.secrets.add(secret);
  const llm = createLlm({ ...options, ...access, api, connections: 1, version: context.version });
  const look = await llm.account();
  const catalogue = look.status === null ? null : await llm.catalogue();
  llm.close();
  const source =
    refusal === null && options.api !== 'simulator' ? keySource(api, environment, options.apiKeyFile) : null;
  return [
    look.failure === null
      ? ok('api', `${named} answers`)
      : fix(
          'api',
          `${named}: ${look.failure}`,
          api.loopback ? 'Start it, or name another with --api.' : 'Check --api, the network and --proxy.',
        ),
    refusal === null
      ? keyFinding(api, source, access, look)
      : fix('key', refusal, 'Correct that, and run doctor again.'),
    ...clockFinding(look.dateMs, context.clock.wall()),
    modelFinding(asked, catalogue, named, hint),
    await priceFinding(api, options, catalogue, context),
  ];
}

/** `refusal`: why what was given for a key or a header cannot be used. */
function accessTo(
  api: Api,
  { options, environment }: Asked,
): { readonly access: Access; readonly refusal: string | null } {
  try {
    return { access: findAccess(api, environment, options), refusal: null };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return { access: { key: null, headers: [], proxy: null }, refusal: error.message };
  }
}

export function keyFinding(api: Api, source: string | null, access: Access, { status, leftUsd }: AccountLook): Finding {
  const needed = api.keyVariables[0] ?? 'SLUICE_API_KEY';
  const nothing = access.key === null && access.headers.length === 0;
  if (nothing && api.loopback) return ok('key', 'none is set, and none is needed');
  if (nothing)
    return fix('key', 'none is set', `Set ${needed}, here or in .env. Made-up answers need none: --api simulator.`);
  const given = source ?? 'what --api-headers-file or SLUICE_API_HEADERS adds';
  if (status === 401 || status === 403)
    return fix('key', `${given} is refused (HTTP ${status})`, 'Make another key, and set that.');
  if (status === 402) return fix('key', `${given} has no credit (HTTP 402)`, 'Add credit.');
  if (status === null || status >= 400) return note('key', `${given} is set; whether it is taken is not known`);
  const unlimited = api.routes ? 'it has no limit of its own' : 'what it may spend is not told';
  if (leftUsd === null) return ok('key', `${given} is taken; ${unlimited}`);
  const left = `${given} is taken; it may spend ${usd(Math.max(0, leftUsd))} more`;
  return leftUsd <= 0 ? fix('key', left, 'Raise its limit, or add credit.') : ok('key', left);
}

/** Seconds. A `Date` header has none, and a busy machine is slow to read it. */
const CLOCKS_APART = { note: 10, fix: 300 };

export function clockFinding(dateMs: number | null, wallMs: number): readonly Finding[] {
  if (dateMs === null) return [];
  const apart = Math.round(Math.abs(wallMs - dateMs) / 1000);
  const found =
    apart <= CLOCKS_APART.note
      ? "agrees with the API's"
      : `${apart} s ${wallMs > dateMs ? 'ahead of' : 'behind'} the API's`;
  if (apart <= CLOCKS_APART.note) return [ok('clock', found)];
  const remedy = 'Set the clock (NTP): waits that the API asks for, and the UTC day of a budget, go by it.';
  return [apart > CLOCKS_APART.fix ? fix('clock', found, remedy) : note('clock', found, remedy)];
}

function modelFinding({ options, given }: Asked, catalogue: Catalogue | null, named: string, hint: Hint): Finding {
  const { api, model, maxTokens } = options;
  const list = hint(`models --api ${quoted(api)}`);
  try {
    requireModel(resolveApi(api), given);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return fix('model', 'none is named', `Set --model; ${list} lists them.`);
  }
  if (catalogue === null) return note('model', `${visible(model)}: no list of models could be had`);
  if (catalogue.models().length === 0) return note('model', `${visible(model)}: ${named} tells no list of models`);
  const facts = catalogue.model(model);
  if (facts === null) {
    const [meant] = catalogue.meant(model);
    const found = `${visible(model)} is not on the list of ${named}`;
    return meant === undefined
      ? note('model', found, `It may be there all the same: ${list} shows the list.`)
      : fix('model', found, `Did you mean --model ${visible(meant)}? ${list} shows the list.`);
  }
  const { contextTokens: context, maxCompletionTokens: longest } = facts;
  const limits = [
    ...(context === null ? [] : [`${numeral(context)} tokens of context`]),
    ...(longest === null ? [] : [`answers of ${numeral(longest)} at most`]),
  ];
  const found = `${visible(model)}: ${limits.join(', ') || 'its limits are not told'}`;
  if (longest === null || longest >= maxTokens) return ok('model', found);
  return note('model', `${found}; --max-tokens is ${numeral(maxTokens)}, and is lowered to that`);
}

async function priceFinding(
  api: Api,
  options: Options,
  catalogue: Catalogue | null,
  { clock }: CommandContext,
): Promise<Finding> {
  try {
    const price = (await pricesIn(catalogue, { ...options, maxCostUsd: null }, { api, clock })).of(options.model);
    if (price === null) {
      const remedy = 'Give --price-prompt and --price-completion, or a --price-list: --max-cost needs one.';
      return note('prices', `what ${visible(options.model)} costs is not known`, remedy);
    }
    if (price.prompt + price.completion + price.request === 0) return ok('prices', 'calls cost nothing');
    const [prompt, answer] = [price.prompt, price.completion].map((perToken) => usd(perToken * 1e6));
    const from = price.from === undefined ? 'told by the API' : `from ${price.from}`;
    return ok('prices', `${prompt} and ${answer} per million tokens of prompt and answer (${from})`);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return fix('prices', error.message, 'Name another --price-list.');
  }
}
