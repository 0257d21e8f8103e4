import { LONGEST_HINT_SECONDS } from '../domain/attempt.ts';
import type { RunEvent } from '../domain/events.ts';
import { DEFAULT_MAX_TOKENS, DEFAULT_MODEL, type Options } from '../domain/options.ts';
import type { Prices } from '../domain/ports.ts';
import type { Budget } from '../gate/budget.ts';
import { ConfiguredRate } from '../gate/configured-rate.ts';
import { createGate, type GateControl } from '../gate/gate.ts';
import type { FileLedger } from '../ledger/open.ts';
import type { Clock } from '../lib/clock.ts';
import type { Api } from '../llm/api.ts';
import { type Catalogue, createModels } from '../llm/catalogue.ts';
import { createConversation } from '../llm/conversation/conversation.ts';
import { createLlm, type LlmClient } from '../llm/llm.ts';
import { loadTokenCounter } from '../llm/tokens.ts';
import type { PipelinePorts } from '../pipeline/context.ts';
import { longestCalls, pricedCall } from './call-costs.ts';
import { budgetLine, type Catalogues, openMoney } from './money.ts';
import type { Prepared, RunContext } from './prepare.ts';
import { runStarted } from './started.ts';

interface CallSettings extends Pick<RunContext, 'version' | 'clock' | 'environment'> {
  /** With its base URL filled in. */
  readonly api: Api;
  readonly ledger: FileLedger;
  readonly catalogues: Catalogues;
}

/** What decides about calls, and makes them. */
interface Calls extends Pick<PipelinePorts, 'conversation' | 'models' | 'prices'> {
  readonly started: RunEvent;
  readonly llm: LlmClient;
  readonly gate: GateControl;
  readonly callsAtMost: number;
  /** What a person should know, a sentence each. */
  readonly notes: readonly string[];
}

/**
 * Opens the client of an API, with the gate before it. Its connections are open until `llm.close`.
 *
 * @throws UsageError if a budget cannot be kept
 */
export async function openCalls(prepared: Prepared, settings: CallSettings): Promise<Calls> {
  const { options, access } = prepared;
  const { api, ledger, catalogues, version, clock, environment } = settings;
  const { concurrency, concurrencyMax, maxTokens } = options;
  const callsAtMost = concurrency === 'auto' ? concurrencyMax : concurrency;
  const unusedProxies = options.proxy === null ? proxyVariables(api, environment) : [];
  const client = { ...options, ...access, api, version, connections: callsAtMost, unusedProxies };
  const askForCatalogue = (): Promise<Catalogue | null> => catalogues.of(client);
  const { prices, budget, budgetFor, notes } = await openMoney(options, {
    askForCatalogue,
    knownCatalogue: () => catalogues.last(api),
    ledger,
    api,
    clock,
  });
  // The list that the start asks for serves the first who needs one.
  let listed: Promise<Catalogue | null> | null = null;
  const askEarly = (): Promise<Catalogue | null> => (listed = askForCatalogue());
  const load = (): Promise<Catalogue | null> => {
    const early = listed;
    listed = null;
    return early ?? askForCatalogue();
  };
  const started = await runStarted({ ...prepared, api }, { prices, askForCatalogue: askEarly, clock });
  const { learned } = catalogues;
  const models = learned.beside(
    createModels(api, load, () => clock.now()),
    api.identity,
  );
  return {
    started,
    // Before anything is opened, as it may refuse.
    notes: budget === null ? notes : [...notes, ...budgetLines(budget, prepared, { prices, callsAtMost })],
    llm: createLlm({
      ...client,
      learned,
      prices,
      bounded: budget !== null,
      listsModel: (model) => (catalogues.last(api)?.model(model) ?? null) !== null,
      contextTokens: (model) =>
        learned.of(api.identity, model).beside(catalogues.last(api)?.model(model) ?? null)?.contextTokens ?? null,
    }),
    models,
    prices,
    conversation: createConversation({
      models,
      maxTokens,
      roomyModel: roomyModelOf(options),
      countTokens: loadTokenCounter,
    }),
    gate: createGate({
      concurrency,
      concurrencyMax,
      configuredRate: openConfiguredRate(options, ledger, clock),
      budget,
      budgetFor,
      clock,
      ...(options.once && { longestCooldownSeconds: LONGEST_HINT_SECONDS }),
    }),
    callsAtMost,
  };
}

/** Throws a UsageError if it allows no call. */
function budgetLines(
  { limitUsd, spentUsd }: Budget,
  { options, api, recipes }: Prepared,
  { prices, callsAtMost }: { readonly prices: Prices; readonly callsAtMost: number },
): readonly string[] {
  const calls = longestCalls(recipes.overview().asks, options).flatMap((call) => pricedCall(call, prices) ?? []);
  const simulated = api.name === 'simulator';
  const line = budgetLine({ limitUsd, spentUsd, perDay: !options.once, calls, callsAtMost, simulated });
  return line === null ? [] : [line];
}

/** The variables that name a proxy for this API to programs which heed them. */
function proxyVariables({ baseUrl, loopback }: Api, environment: NodeJS.ProcessEnv): readonly string[] {
  const scheme = baseUrl.startsWith('https:') ? 'https' : 'http';
  const isSet = (name: string): boolean => (environment[name] ?? '').trim() !== '';
  return loopback ? [] : [`${scheme.toUpperCase()}_PROXY`, `${scheme}_proxy`, 'ALL_PROXY', 'all_proxy'].filter(isSet);
}

const MINUTE_MS = 60_000;

/** Keeps to `--rpm` and `--tpm`, counting what earlier runs did in the last minute; null without these options. */
export function openConfiguredRate(
  { rpm, tpm }: Pick<Options, 'rpm' | 'tpm'>,
  ledger: Pick<FileLedger, 'recentCalls'>,
  clock: Pick<Clock, 'now' | 'wall'>,
): ConfiguredRate | null {
  if (rpm === null && tpm === null) return null;
  const wall = clock.wall();
  const recent = ledger.recentCalls(new Date(wall - MINUTE_MS).toISOString()).map(({ startedAt, tokens }) => ({
    // If the clock was put back, a call may lie in the future: it counts as made now.
    agoMs: Math.max(0, wall - Date.parse(startedAt)),
    tokens,
  }));
  return new ConfiguredRate({ callsPerMinute: rpm, tokensPerMinute: tpm, recent, now: clock.now() });
}

/** A model that need not be looked up: the default one is known to give answers as long as the default. */
export function roomyModelOf({ maxTokens }: Pick<Options, 'maxTokens'>): string | null {
  return maxTokens <= DEFAULT_MAX_TOKENS ? DEFAULT_MODEL : null;
}
