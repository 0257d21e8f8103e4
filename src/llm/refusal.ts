import { type ApiError, NO_ERROR } from './api-error.ts';
import { errorTypeMeaning, moderated } from './error-types.ts';
import type { Meaning } from './meaning.ts';
import { statusMeaning } from './statuses.ts';

/** A refusal: a status that is no success, or an error told under one. */
export interface Refusal {
  /** Of the HTTP reply, or the one that the error says it would have had. */
  readonly status: number;
  readonly error: ApiError | null;
  readonly hintSeconds: number | null;
}

interface Rule {
  readonly applies: (refusal: Refusal, error: ApiError) => boolean;
  readonly meaning: Meaning;
}

const BUDGETS = new Set(['openrouter_guardrail_budget', 'openrouter_workspace_budget', 'openrouter_key_limit']);

/** What the status alone gets wrong. The first rule that applies decides. */
const RULES: readonly Rule[] = [
  {
    applies: (_, error) => error.reason === 'weight_exceeds_budget',
    meaning: {
      code: 'too-dear',
      words: 'This request alone exceeds the credit: lower --max-tokens or add credit',
      remedy: 'fail',
    },
  },
  {
    applies: ({ status, hintSeconds }, error) =>
      error.limitSource === 'openrouter_in_flight_budget' ||
      error.reason === 'in_flight_budget_exhausted' ||
      (status === 402 && hintSeconds !== null),
    meaning: {
      code: 'in-flight-budget',
      words: 'The calls in flight hold all of the credit: lower --concurrency or add credit',
      remedy: 'throttle',
    },
  },
  {
    applies: (_, error) => BUDGETS.has(error.limitSource ?? ''),
    meaning: {
      code: 'budget-spent',
      words: 'The spending limit of the key or workspace is reached: raise it or wait for its reset',
      remedy: 'pause account',
    },
  },
  { applies: (_, error) => error.moderated, meaning: moderated },
  {
    // A provider's refusal, passed on without a reason: it says nothing against the key.
    applies: ({ status }, error) => status === 403 && error.provider !== null && error.types.length === 0,
    meaning: { code: 'provider-refused', words: 'The provider of the model refused the request', remedy: 'suspect' },
  },
  {
    // A page instead of an error object: something in front of the API spoke, often about what the document says.
    applies: ({ status, error }) => status === 403 && error === null,
    meaning: { code: 'blocked', words: 'Something in front of the API blocked the request', remedy: 'suspect' },
  },
];

/** What a refusal means: special findings first, then the error's own word, then the status. */
export function refusalMeaning(refusal: Refusal): Meaning {
  const error = refusal.error ?? NO_ERROR;
  const rule = RULES.find(({ applies }) => applies(refusal, error));
  const meaning = rule?.meaning ?? errorTypeMeaning(error.types) ?? statusMeaning(refusal.status);
  return obeying(error.retryable, meaning);
}

/** The API's own word on whether asking again helps goes before our reading of the status. */
function obeying(retryable: boolean | null, meaning: Meaning): Meaning {
  const repeats = meaning.remedy === 'retry' || meaning.remedy === 'throttle';
  if (retryable === null || retryable === repeats) return meaning;
  return { ...meaning, remedy: retryable ? 'retry' : 'fail' };
}
