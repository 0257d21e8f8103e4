import { type AttemptOutcome, type AttemptRecord, notSent, type ReplyHead, unheard } from '../domain/attempt.ts';
import { StoppedError } from '../domain/errors.ts';
import { worstCostUsd } from '../domain/models.ts';
import type { AttemptStart, Demand, Slot } from '../domain/ports.ts';
import { type AcceptedReply, acceptReply } from './accept-reply.ts';
import type { Context } from './context.ts';
import { type Disposition, mistakeInWords, type Request } from './disposition.ts';
import { isSameRecipe } from './document-status.ts';
import type { MemoryLease } from './memory-limit.ts';
import type { CheckedOutcome } from './model-check.ts';
import { type Emit, queuedEvent, sinceLastReply } from './work-item.ts';

/** What came of a call, as its reply was judged and as the first attempts of its model were. */
export interface Called extends CheckedOutcome {
  readonly kind: 'called';
  readonly request: Request;
  readonly accepted: AcceptedReply;
}

/**
 * Makes the call of a request: its cost is reserved, and the attempt recorded, before anything is sent. If nothing was sent,
 * it says what becomes of the document.
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
    // The last reply was complete but unusable: the API must not give it again from its cache.
    skipCache: work.redo || work.lastBilling === 'known',
  };
  const { bodySha256 } = prepared;
  const attempt = { document, sha256, recipe, ...start, bodySha256, forgiven: work.forgiven };
  await disk.untilOk(() => ledger.begin({ reservedUsd: demand.worstUsd, ...attempt }), closing);
  let made: Called | null = null;
  try {
    const called = await slot.call(async () => {
      made = await makeCall(context, request, start, lease, emit);
      return made;
    });
    return called === 'requeue' ? await neverLeft(context, request, start) : called;
  } catch (error) {
    if (error instanceof StoppedError) throw error;
    const reason = mistakeInWords(error);
    if (made !== null) {
      // What came of a call is recorded, whatever the gate made of it.
      emit({ type: 'run-noted', level: 'warn', message: reason });
      return made;
    }
    // The call may have left: the document fails, so that no scan has it paid for again.
    return { kind: 'fail', work, failure: { ...question, code: 'unexpected', reason, partial: null } };
  }
}

const SENT_WHOLE = 'sent whole: a trial cuts only what is text';

/** Records that an attempt which was begun never left: it was not billed. */
async function neverLeft(
  { ledger, disk }: Context,
  { work, question }: Request,
  start: AttemptStart,
): Promise<Disposition> {
  await disk.untilOk(() => ledger.end({ ...question, record: notSent(start), answer: null, reply: null }));
  return { kind: 'requeue', work: { ...work, lastNumber: start.number }, after: 0, event: queuedEvent(work) };
}

async function makeCall(
  context: Context,
  request: Request,
  start: AttemptStart,
  lease: MemoryLease,
  emit: Emit,
): Promise<Called> {
  const { work, question } = request;
  const { outages, modelCheck, settings } = context;
  const { id } = question.document;
  const { model } = question.recipe;
  const repeated = sinceLastReply(work.attempts).length > 0;
  emit({ type: 'attempt-started', id, number: start.number, repeated });
  if (request.sentWhole && !repeated) emit({ type: 'document-noted', id, message: SENT_WHOLE });
  const begunAt = settings.clock.now();
  const came = await callOutcome(context, request, start, lease);
  if (came.lesson !== undefined) emit({ type: 'run-noted', level: 'info', ...came.lesson });
  const outcome = await outages.judge({ model, document: id, begunAt }, came);
  const accepted = acceptReply(request, outcome);
  return { kind: 'called', request, accepted, ...modelCheck.check(model, accepted.outcome) };
}

/** Never rejects: a call of which nothing is known counts as one that left, so that it is not paid for again and again. */
function callOutcome(
  { ledger, cutting, settings }: Context,
  { question, prepared }: Request,
  start: AttemptStart,
  lease: MemoryLease,
): Promise<AttemptOutcome> {
  const { clock } = settings;
  const { number, startedAt } = start;
  const at = clock.now();
  let head: ReplyHead | null = null;
  const listener = {
    sent: () => lease.release(),
    head: async (received: ReplyHead) => {
      head = received;
      try {
        await ledger.head(question, number, received);
      } catch {
        // Safe to ignore: `ledger.end` writes the same, and reports a failure.
      }
    },
  };
  return new Promise((resolve) => {
    const lost = (code: string, message: string): void => {
      const seconds = Math.round(clock.now() - at) / 1000;
      resolve(withoutReply(unheard({ number, startedAt, ...head, seconds, code, message })));
    };
    const onMistake = (error: unknown): void => lost('unexpected', mistakeInWords(error));
    try {
      // No one listens to the stream any more.
      if (cutting.happened) {
        resolve(withoutReply(notSent(start)));
        return;
      }
      const attempt = prepared.attempt(start, listener);
      const stopListening = cutting.on(() => {
        attempt.abort();
        lost('cut-off', 'the run was stopped while the call was in flight; it may have been billed');
      });
      attempt.outcome.then(resolve, onMistake).finally(stopListening);
    } catch (error) {
      onMistake(error);
    }
  });
}

function withoutReply(record: AttemptRecord): AttemptOutcome {
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
 * The document comes back when there is money again. No due time is stored: another run may have money earlier. Scans do not
 * end the wait unless the recipe changes.
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

/** In tokens. For shorter ones, an estimate from bytes is good enough. */
const LONG_PROMPT = 50_000;

/** What the gate reserves for a call: as much as the most expensive of the models that may answer uses. */
export async function demandOf(
  { prices, models }: Pick<Context, 'prices' | 'models'>,
  { prepared, question }: Pick<Request, 'prepared' | 'question'>,
): Promise<Demand> {
  // A recipe with a budget of its own needs prices, which the run may not have asked for.
  const needsFacts = question.recipe.handling.maxCostUsd !== null || prepared.promptTokensAtMost > LONG_PROMPT;
  const facts = needsFacts ? await Promise.all(prepared.models.map((model) => models.facts(model))) : [];
  const { maxTokens, feesUsdAtMost, surcharge } = prepared;
  let promptTokens = 0;
  let worstUsd: number | null = 0;
  for (const [index, model] of prepared.models.entries()) {
    // No prompt is longer than its model takes.
    const most = facts[index]?.contextTokens ?? Number.POSITIVE_INFINITY;
    const promptTokensAtMost = Math.min(prepared.promptTokensAtMost, most);
    const price = prices.of(model);
    const cost = price && worstCostUsd(price, { promptTokensAtMost, maxTokens, feesUsdAtMost, surcharge });
    promptTokens = Math.max(promptTokens, Math.min(prepared.likelyPromptTokens, most));
    worstUsd = worstUsd === null || cost === null ? null : Math.max(worstUsd, cost);
  }
  return { promptTokens, maxTokens, worstUsd };
}
