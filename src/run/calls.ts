import { defer } from 'rxjs';
import { LONGEST_HINT_SECONDS } from '../domain/attempt.ts';
import type { Models } from '../domain/models.ts';
import { DEFAULT_MAX_TOKENS, DEFAULT_MODEL, type Options } from '../domain/options.ts';
import type { Dialogue, Prices } from '../domain/ports.ts';
import { createGate, type GateControl } from '../gate/gate.ts';
import { Pacer } from '../gate/rate-limit.ts';
import type { FileLedger } from '../ledger/open.ts';
import type { Clock } from '../lib/clock.ts';
import type { Api } from '../llm/api.ts';
import type { Catalogue } from '../llm/catalogue.ts';
import { createDialogue } from '../llm/conversation/conversation.ts';
import { createLlm, type LlmClient } from '../llm/llm.ts';
import { createModels } from '../llm/models.ts';
import { loadTokenCounter } from '../llm/tokens.ts';
import { type Catalogues, openMoney } from './money.ts';
import type { Prepared } from './prepare.ts';

interface CallSettings {
  /** With its base URL filled in. */
  readonly api: Api;
  readonly ledger: FileLedger;
  /** What APIs told of their models. */
  readonly catalogues: Catalogues;
  /** Ours, for the User-Agent. */
  readonly version: string;
  readonly clock: Clock;
}

/** What decides about calls, and makes them. */
interface Calls {
  readonly llm: LlmClient;
  readonly models: Models;
  readonly prices: Prices;
  readonly dialogue: Dialogue;
  readonly gate: GateControl;
  /** In flight, at most. */
  readonly atMost: number;
  /** What a person should know, a sentence each. */
  readonly notes: readonly string[];
}

/**
 * Opens the client of an API, with the gate before it. Its connections are open until `llm.close`.
 *
 * @throws UsageError where a budget cannot be kept to
 */
export async function openCalls({ options, key }: Prepared, settings: CallSettings): Promise<Calls> {
  const { api, ledger, catalogues, version, clock } = settings;
  const atMost = options.concurrency === 'auto' ? options.concurrencyMax : options.concurrency;
  const calling = { ...options, api, key, connections: atMost, version };
  const askForCatalogue = (): Promise<Catalogue | null> => catalogues.of(calling);
  const money = { askForCatalogue, knownCatalogue: () => catalogues.last(api), ledger, api: api.identity, clock };
  const { prices, budget, openPurse, notes } = await openMoney(options, money);
  const maxPrice = budget === null ? null : (model: string) => prices.of(model);
  const now = (): number => clock.now();
  const models = createModels(api, () => defer(askForCatalogue), now);
  const gate = createGate({
    ...options,
    pacer: openPacer(options, ledger, clock),
    budget,
    openPurse,
    clock,
    ...(options.once ? { longestCooldownSeconds: LONGEST_HINT_SECONDS } : {}),
  });
  const roomyModel = roomyModelOf(options);
  const dialogue = createDialogue({ ...options, models, roomyModel, countTokens: loadTokenCounter });
  return { llm: createLlm({ ...calling, prices, maxPrice }), models, prices, dialogue, gate, atMost, notes };
}

const MINUTE_MS = 60_000;

/** The pace that `--rpm` and `--tpm` ask for, as if the runs of the last minute had been this one; null where none is. */
export function openPacer(
  { rpm, tpm }: Pick<Options, 'rpm' | 'tpm'>,
  ledger: Pick<FileLedger, 'recentCalls'>,
  clock: Pick<Clock, 'now' | 'wall'>,
): Pacer | null {
  if (rpm === null && tpm === null) return null;
  const wall = clock.wall();
  const recent = ledger.recentCalls(new Date(wall - MINUTE_MS).toISOString()).map(({ startedAt, tokens }) => ({
    // A call of the future is one of a clock that was put back: it counts as made now.
    agoMs: Math.max(0, wall - Date.parse(startedAt)),
    tokens,
  }));
  return new Pacer({ callsPerMinute: rpm, tokensPerMinute: tpm, recent, now: clock.now() });
}

/** The model of the defaults, where the longest answer is no longer than theirs: that much it takes, so none need ask. */
export function roomyModelOf({ maxTokens }: Pick<Options, 'maxTokens'>): string | null {
  return maxTokens <= DEFAULT_MAX_TOKENS ? DEFAULT_MODEL : null;
}
