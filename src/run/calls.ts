import { defer } from 'rxjs';
import { LONGEST_HINT_SECONDS } from '../domain/limits.ts';
import type { Models } from '../domain/models.ts';
import type { Dialogue, Prices } from '../domain/ports.ts';
import { createGate, type GateControl } from '../gate/gate.ts';
import type { FileLedger } from '../ledger/open.ts';
import type { Clock } from '../lib/clock.ts';
import type { Api } from '../llm/api.ts';
import type { Catalogue } from '../llm/catalogue.ts';
import { createDialogue } from '../llm/conversation/conversation.ts';
import { createLlm, type LlmClient } from '../llm/llm.ts';
import { createModels } from '../llm/models.ts';
import { loadTokenCounter } from '../llm/tokens.ts';
import type { Catalogues } from './catalogues.ts';
import { openMoney } from './money.ts';
import { openPacer } from './open-pacer.ts';
import type { Prepared } from './prepare.ts';
import { roomyModelOf } from './roomy-model.ts';

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
export interface Calls {
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
