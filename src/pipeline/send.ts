import { type AttemptOutcome, notSent, type ReplyHead, type UnheardAttempt, unheard } from '../domain/attempt.ts';
import { StoppedError } from '../domain/errors.ts';
import { type ModelFacts, worstCostUsd } from '../domain/models.ts';
import type { AttemptStart, Demand, PreparedRequest, Slot } from '../domain/ports.ts';
import { errorMessage } from '../lib/errors.ts';
import { type AcceptedReply, acceptReply } from './accept-reply.ts';
import type { Context } from './context.ts';
import type { Disposition, Request } from './disposition.ts';
import { isSameRecipe } from './document-status.ts';
import type { MemoryLease } from './memory-limit.ts';
import type { CheckedOutcome } from './model-check.ts';
import { type Emit, queuedEvent, sinceLastReply } from './work-item.ts';

/** What came of a call: as it was judged, and in the light of the first attempts of its model. */
export interface Called extends CheckedOutcome {
  readonly kind: 'called';
  readonly request: Request;
  readonly accepted: AcceptedReply;
}

/**
 * Makes the call of a request that is ready: nothing is sent that was not reserved within the budget, and recorded,
 * before. Where nothing was sent, it says what becomes of the document.
 */
export async function send(
  context: Context,
  request: Request,
  slot: Slot,
  lease: MemoryLease,
  emit: Emit,
): Promise<Called | Disposition> {
  const { ledger, disk, closing, settings } = context;
  const { work, question, prepared } = request;
  const { document, sha256, recipe } = question;
  const demand = await demandOf(context, request);
  const grant = await slot.reserve(demand);
  switch (grant.kind) {
    case 'requeue':
      return { kind: 'requeue', work, after: 0, event: queuedEvent(work) };
    case 'unaffordable':
      return unaffordable(request, demand.worstUsd);
    case 'recipe spent':
      return recipeSpent(context, request, grant.refilledAt);
    case 'reserved':
      break;
  }
  const start = {
    number: work.lastNumber + 1,
    startedAt: new Date(settings.clock.wall()).toISOString(),
    // The last reply was complete but unusable: the API is not to give it again from its cache.
    skipCache: work.redo || work.lastBilling === 'known',
  };
  const { bodySha256 } = prepared;
  const attempt = { document, sha256, recipe, ...start, bodySha256, forgiven: work.forgiven };
  await disk.untilOk(() => ledger.begin({ ...attempt, reservedUsd: demand.worstUsd }), closing);
  let made: Called | null = null;
  try {
    const called = await slot.call(async () => {
      made = await call(context, request, start, lease, emit);
      return made;
    });
    return called === 'requeue' ? await neverLeft(context, request, start) : called;
  } catch (error) {
    if (error instanceof StoppedError) throw error;
    const reason = `a mistake of the program: ${errorMessage(error)}`;
    if (made !== null) {
      // What came of a call is recorded, whatever the gate made of it.
      emit({ type: 'run-noted', level: 'warn', message: reason });
      return made;
    }
    // The call may have left: the document fails, so that no scan has it paid for again.
    return { kind: 'fail', work, failure: { ...question, code: 'unexpected', reason, partial: null } };
  }
}

/** An attempt that was recorded and never left is remembered as such: it was not billed. */
async function neverLeft(
  { ledger, disk }: Context,
  { work, question }: Request,
  start: AttemptStart,
): Promise<Disposition> {
  await disk.untilOk(() => ledger.end({ ...question, record: notSent(start), answer: null, reply: null }));
  return { kind: 'requeue', work: { ...work, lastNumber: start.number }, after: 0, event: queuedEvent(work) };
}

async function call(
  context: Context,
  request: Request,
  start: AttemptStart,
  lease: MemoryLease,
  emit: Emit,
): Promise<Called> {
  const { work, question } = request;
  const repeated = sinceLastReply(work.attempts).length > 0;
  emit({ type: 'attempt-started', id: question.document.id, number: start.number, repeated });
  const outcome = await outcomeOf(context, request, start, lease);
  const accepted = acceptReply(request, outcome);
  return { kind: 'called', request, accepted, ...context.modelCheck.check(question.recipe.model, accepted.outcome) };
}

/** Never rejects: what cannot be known of a call counts as one that left, so that it is not paid for again and again. */
function outcomeOf(
  { ledger, cutting, settings }: Context,
  { question, prepared }: Request,
  start: AttemptStart,
  lease: MemoryLease,
): Promise<AttemptOutcome> {
  const { clock } = settings;
  const at = clock.now();
  let head: ReplyHead | null = null;
  const listener = {
    sent: () => lease.release(),
    head: async (received: ReplyHead) => {
      head = received;
      try {
        await ledger.head(question, start.number, received);
      } catch {
        // Safe to ignore: `ledger.end` writes the same, and reports a failure.
      }
    },
  };
  return new Promise((resolve) => {
    const lost = (code: string, message: string): void =>
      resolve(unheardOutcome({ ...start, ...head, seconds: Math.round(clock.now() - at) / 1000, code, message }));
    const mistake = (error: unknown): void => lost('unexpected', `a mistake of the program: ${errorMessage(error)}`);
    try {
      // No one listens to the stream any more.
      if (cutting.happened) {
        resolve({ ...unheardOutcome({ ...start, seconds: 0, code: '', message: '' }), record: notSent(start) });
        return;
      }
      const attempt = prepared.attempt(start, listener);
      const stopListening = cutting.on(() => {
        attempt.abort();
        lost('cut-off', 'the run was stopped while the call was in flight; it may have been billed');
      });
      attempt.outcome.then(resolve, mistake).finally(stopListening);
    } catch (error) {
      mistake(error);
    }
  });
}

function unheardOutcome(lost: UnheardAttempt): AttemptOutcome {
  const { number, startedAt, seconds, code, message, status = null, generationId = null } = lost;
  const record = unheard({ number, startedAt, seconds, code, message, status, generationId });
  const verdict = { kind: 'retry', cools: 'document', hintSeconds: null, counts: true } as const;
  return { record, verdict, reply: null, partial: null, annotations: null };
}

/** It fails instead of waiting: a new day or run would not help. */
function unaffordable({ work, question }: Request, worstUsd: number | null): Disposition {
  const cost = worstUsd === null ? 'what it costs is not known' : `it may cost up to ${worstUsd.toFixed(4)} USD`;
  const reason = `${cost}, which is not within --max-cost, or the max_cost of its recipe: raise that, lower --max-tokens, or name the prices`;
  return { kind: 'fail', work, failure: { ...question, code: 'over-budget', reason, partial: null } };
}

/**
 * It stays where it is, and comes back when there is money again. No due time is stored: another run may have money
 * earlier. Scans do not end the wait unless the recipe changes.
 */
function recipeSpent(context: Context, { work, question }: Request, refilledAt: number | null): Disposition {
  const { recipes, settings } = context;
  const { document, recipe } = question;
  const reason = `what may be spent with ${recipe.name} (max_cost) is spent`;
  const parked = { kind: 'park', work, reason, dueAt: refilledAt, cause: 'budget' } as const;
  if (refilledAt === null || !settings.waitsForParked) return parked;
  const stays = (): boolean => isSameRecipe(recipes.choose(document), recipe, document);
  const back = { after: Math.max(0, refilledAt - settings.clock.wall()), stays };
  return { ...parked, remember: { question, until: null }, back };
}

/** Tokens. Below this, an estimate from bytes is good enough. */
const LONG_PROMPT = 50_000;

/** What a call will use, for the gate to reserve, by the most expensive of the models that may answer. */
export async function demandOf(
  { prices, models }: Pick<Context, 'prices' | 'models'>,
  { prepared, question }: Pick<Request, 'prepared' | 'question'>,
): Promise<Demand> {
  // A recipe with money of its own needs prices, which the run may not have asked for.
  const needsFacts = question.recipe.handling.maxCostUsd !== null || prepared.promptTokensAtMost > LONG_PROMPT;
  const facts = needsFacts ? await Promise.all(prepared.models.map((model) => models.facts(model))) : [];
  let promptTokens = 0;
  let worstUsd: number | null = 0;
  for (const [index, model] of prepared.models.entries()) {
    const size = sizeFor(prepared, facts[index] ?? null);
    const price = prices.of(model);
    const cost = price === null ? null : worstCostUsd(price, size);
    promptTokens = Math.max(promptTokens, size.likelyPromptTokens);
    worstUsd = worstUsd === null || cost === null ? null : Math.max(worstUsd, cost);
  }
  return { promptTokens, maxTokens: prepared.maxTokens, worstUsd };
}

/** No prompt is longer than its model takes. */
function sizeFor(prepared: PreparedRequest, facts: ModelFacts | null) {
  const { maxTokens, feesUsdAtMost, surcharge } = prepared;
  const most = facts?.contextTokens ?? Number.POSITIVE_INFINITY;
  return {
    promptTokensAtMost: Math.min(prepared.promptTokensAtMost, most),
    likelyPromptTokens: Math.min(prepared.likelyPromptTokens, most),
    maxTokens,
    feesUsdAtMost,
    surcharge,
  };
}
