import { LONGEST_HINT_SECONDS } from '../domain/attempt.ts';
import type { Models } from '../domain/models.ts';
import { DEFAULT_MAX_TOKENS, DEFAULT_MODEL, type Options } from '../domain/options.ts';
import { createGate, type GateControl } from '../gate/gate.ts';
import { Pacer } from '../gate/rate-limit.ts';
import type { FileLedger } from '../ledger/open.ts';
import type { Clock } from '../lib/clock.ts';
import type { Api } from '../llm/api.ts';
import { type Catalogue, createModels } from '../llm/catalogue.ts';
import { createConversation } from '../llm/conversation/conversation.ts';
import { createLlm, type LlmClient } from '../llm/llm.ts';
import { loadTokenCounter } from '../llm/tokens.ts';
import type { PipelinePorts } from '../pipeline/context.ts';
import { type Catalogues, openMoney } from './money.ts';
import type { Prepared, ProcessContext } from './prepare.ts';

interface CallSettings extends Pick<ProcessContext, 'version' | 'clock'> {
  /** With its base URL filled in. */
  readonly api: Api;
  readonly ledger: FileLedger;
  /** What APIs said about their models. */
  readonly catalogues: Catalogues;
}

/** What decides about calls, and makes them. */
interface Calls extends Pick<PipelinePorts, 'conversation' | 'prices'> {
  readonly llm: LlmClient;
  readonly models: Models;
  readonly gate: GateControl;
  /** In flight, at most. */
  readonly atMost: number;
  /** What a person should know, a sentence each. */
  readonly notes: readonly string[];
}

/**
 * Opens the client of an API, with the gate before it. Its connections are open until `llm.close`.
 *
 * @throws UsageError if a budget cannot be kept
 */
export async function openCalls({ options, key }: Prepared, settings: CallSettings): Promise<Calls> {
  const { api, ledger, catalogues, version, clock } = settings;
  const { concurrency, concurrencyMax, maxTokens } = options;
  const atMost = concurrency === 'auto' ? concurrencyMax : concurrency;
  const client = { ...options, api, key, version, connections: atMost };
  const askForCatalogue = (): Promise<Catalogue | null> => catalogues.of(client);
  const { prices, budget, budgetFor, notes } = await openMoney(options, {
    askForCatalogue,
    knownCatalogue: () => catalogues.last(api),
    ledger,
    api: api.identity,
    clock,
  });
  const models = createModels(api, askForCatalogue, () => clock.now());
  return {
    llm: createLlm({ ...client, prices, maxPrice: budget === null ? null : (model) => prices.of(model) }),
    models,
    prices,
    conversation: createConversation({
      models,
      maxTokens,
      roomyModel: roomyModelOf({ maxTokens }),
      countTokens: loadTokenCounter,
    }),
    gate: createGate({
      concurrency,
      concurrencyMax,
      pacer: openPacer(options, ledger, clock),
      budget,
      budgetFor,
      clock,
      ...(options.once && { longestCooldownSeconds: LONGEST_HINT_SECONDS }),
    }),
    atMost,
    notes,
  };
}

const MINUTE_MS = 60_000;

/** The pace that `--rpm` and `--tpm` ask for, as if the runs of the last minute had been this one; null if none is. */
export function openPacer(
  { rpm, tpm }: Pick<Options, 'rpm' | 'tpm'>,
  ledger: Pick<FileLedger, 'recentCalls'>,
  clock: Pick<Clock, 'now' | 'wall'>,
): Pacer | null {
  if (rpm === null && tpm === null) return null;
  const wall = clock.wall();
  const recent = ledger.recentCalls(new Date(wall - MINUTE_MS).toISOString()).map(({ startedAt, tokens }) => ({
    // A call of the future was made before the clock was put back: it counts as made now.
    agoMs: Math.max(0, wall - Date.parse(startedAt)),
    tokens,
  }));
  return new Pacer({ callsPerMinute: rpm, tokensPerMinute: tpm, recent, now: clock.now() });
}

/** The default model, if the longest answer is no longer than by default: it is known to take that much, and is not looked up. */
export function roomyModelOf({ maxTokens }: Pick<Options, 'maxTokens'>): string | null {
  return maxTokens <= DEFAULT_MAX_TOKENS ? DEFAULT_MODEL : null;
}
