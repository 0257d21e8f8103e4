import { dailyQuota } from './status-429.ts';
import { createMeaning, creditExhausted, type Meaning, statusMeaning, upstreamBusy } from './statuses.ts';

export const moderated = createMeaning(
  'moderated',
  'fail',
  "The document was refused by the provider's or the account's content rules",
);

export const budgetSpent = createMeaning(
  'budget-spent',
  'pause account',
  'The spending limit of the key or workspace is reached: raise it or wait for its reset',
);

export const documentTooLong = createMeaning(
  'context-too-long',
  'fail',
  'The document is too long for the model: split it, or choose a model with a larger context',
);

const unsuitableImage = createMeaning('bad-image', 'fail', 'The API does not accept an image of the document');

const quotaUsedUp = createMeaning(
  'quota-used-up',
  'pause account',
  'The quota or credit of the account is used up: add credit or raise its limit',
);

/** It concerns the account, not the document: with one `--max-tokens` for all, every other one would be refused, too. */
const creditTooLow = createMeaning(
  'credit-exhausted',
  'pause account',
  'The credit left does not cover an answer of --max-tokens: add credit, or lower --max-tokens',
);

const modelUnavailable = createMeaning(
  'model-unavailable',
  'pause model',
  "The model cannot be used with this account's settings: choose another, or change them",
);

const notChatCompletions = createMeaning(
  'not-chat-completions',
  'pause model',
  'The model is not offered for chat completions: choose another, or ask it through --api openrouter',
);

const maxTokensTooHigh = createMeaning(
  'max-tokens-too-high',
  'suspect',
  'The model cannot write that many tokens: lower --max-tokens',
);

/** By what they mean, the words of `ReportedError.types`: OpenRouter's, OpenAI's, and others'. They beat the status. */
const WORDS: readonly (readonly [Meaning, string])[] = [
  [documentTooLong, 'context_length_exceeded exceed_context_size_error token_limit_exceeded'],
  [documentTooLong, 'model_max_prompt_tokens_exceeded string_too_long string_above_max_length'],
  [unsuitableImage, 'invalid_image image_too_large image_too_small unsupported_image_format image_download_failed'],
  [unsuitableImage, 'image_not_found'],
  [creditExhausted, 'payment_required'],
  [quotaUsedUp, 'billing_error credit_balance_exhausted insufficient_quota exceeded_current_quota_error'],
  [quotaUsedUp, 'organization_usage_limit_exceeded billing_hard_limit_reached billing_not_active'],
  [quotaUsedUp, 'insufficient_balance insufficient_credits insufficient_user_quota arrearage'],
  [creditTooLow, 'request_unaffordable'],
  [moderated, 'content_policy_violation content_filter refusal responsibleaipolicyviolation data_inspection_failed'],
  [moderated, 'moderation_blocked'],
  [modelUnavailable, 'wrong_endpoint region_restricted privacy_restricted constraint_filtered free_variant_ended'],
  [modelUnavailable, 'failed_precondition'],
  [notChatCompletions, 'not_chat_completions'],
  // `resource_unavailable`: of a cheaper tier, which takes what is left over.
  [upstreamBusy, 'capacity_exhausted resource_unavailable flex_tier_capacity_exceeded'],
  [dailyQuota, 'free_models_per_day quota_per_day'],
  [budgetSpent, 'organization_spend_limit_exceeded project_spend_limit_exceeded'],
  [maxTokensTooHigh, 'max_tokens_exceeded'],
  [statusMeaning(400), 'invalid_request invalid_prompt'],
  [statusMeaning(401), 'authentication authentication_error invalid_api_key api_key_invalid unauthenticated'],
  [statusMeaning(401), 'account_deactivated'],
  [statusMeaning(403), 'permission_denied permission_error'],
  [statusMeaning(404), 'not_found model_not_found no_endpoints model_deprecated model_unavailable_upstream'],
  [statusMeaning(412), 'precondition_failed'],
  [statusMeaning(413), 'payload_too_large'],
  [statusMeaning(422), 'unprocessable'],
  [statusMeaning(429), 'rate_limit_exceeded rate_limit_error slow_down resource_exhausted throttlingexception'],
  [statusMeaning(500), 'server unmapped server_error'],
  [statusMeaning(502), 'provider_unavailable'],
  [statusMeaning(503), 'provider_overloaded temporarily_unavailable unavailable'],
  [statusMeaning(504), 'timeout deadline_exceeded'],
  [statusMeaning(529), 'overloaded_error engine_overloaded_error'],
];

const ERROR_TYPES: ReadonlyMap<string, Meaning> = new Map(
  WORDS.flatMap(([meaning, types]) => types.split(' ').map((type) => [type, meaning] as const)),
);

/** The meaning of the first word that is known, or undefined. */
export function errorTypeMeaning(types: readonly string[]): Meaning | undefined {
  return types.map((type) => ERROR_TYPES.get(type)).find((meaning) => meaning !== undefined);
}
