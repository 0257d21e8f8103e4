import {
  budgetSpent,
  creditExhausted,
  creditTooLow,
  dailyQuota,
  type Meaning,
  quotaUsedUp,
  upstreamBusy,
} from './meanings.ts';
import { statusMeaning } from './statuses.ts';

const documentTooLong: Meaning = {
  code: 'context-too-long',
  words: 'The document is too long for the model: split it, or choose a model with a larger context',
  remedy: 'fail',
};

export const moderated: Meaning = {
  code: 'moderated',
  words: "The document was refused by the provider's or the account's content rules",
  remedy: 'fail',
};

const unsuitableImage: Meaning = {
  code: 'bad-image',
  words: 'The API does not accept an image of the document',
  remedy: 'fail',
};

const modelUnavailable: Meaning = {
  code: 'model-unavailable',
  words: "The model cannot be used with this account's settings: choose another, or change them",
  remedy: 'pause model',
};

/** The words of `ReportedError.types`: OpenRouter's, OpenAI's, and those of others that they pass on. They beat the status. */
const ERROR_TYPES: ReadonlyMap<string, Meaning> = new Map([
  ['context_length_exceeded', documentTooLong],
  ['token_limit_exceeded', documentTooLong],
  ['string_too_long', documentTooLong],
  [
    'max_tokens_exceeded',
    {
      code: 'max-tokens-too-high',
      words: 'The model cannot write that many tokens: lower --max-tokens',
      remedy: 'suspect',
    },
  ],
  ['invalid_request', statusMeaning(400)],
  ['invalid_prompt', statusMeaning(400)],
  ['invalid_image', unsuitableImage],
  ['image_too_large', unsuitableImage],
  ['image_too_small', unsuitableImage],
  ['unsupported_image_format', unsuitableImage],
  ['image_download_failed', unsuitableImage],
  ['image_not_found', unsuitableImage],
  ['authentication', statusMeaning(401)],
  ['authentication_error', statusMeaning(401)],
  ['invalid_api_key', statusMeaning(401)],
  ['payment_required', creditExhausted],
  ['billing_error', quotaUsedUp],
  ['credit_balance_exhausted', quotaUsedUp],
  ['request_unaffordable', creditTooLow],
  ['permission_denied', statusMeaning(403)],
  ['permission_error', statusMeaning(403)],
  ['content_policy_violation', moderated],
  ['content_filter', moderated],
  ['refusal', moderated],
  ['not_found', statusMeaning(404)],
  ['model_not_found', statusMeaning(404)],
  ['no_endpoints', statusMeaning(404)],
  ['model_deprecated', statusMeaning(404)],
  ['model_unavailable_upstream', statusMeaning(404)],
  ['wrong_endpoint', modelUnavailable],
  ['region_restricted', modelUnavailable],
  ['privacy_restricted', modelUnavailable],
  ['constraint_filtered', modelUnavailable],
  ['free_variant_ended', modelUnavailable],
  ['precondition_failed', statusMeaning(412)],
  ['payload_too_large', statusMeaning(413)],
  ['unprocessable', statusMeaning(422)],
  ['rate_limit_exceeded', statusMeaning(429)],
  ['rate_limit_error', statusMeaning(429)],
  ['capacity_exhausted', upstreamBusy],
  ['slow_down', statusMeaning(429)],
  ['free_models_per_day', dailyQuota],
  ['insufficient_quota', quotaUsedUp],
  ['exceeded_current_quota_error', quotaUsedUp],
  ['organization_usage_limit_exceeded', quotaUsedUp],
  ['organization_spend_limit_exceeded', budgetSpent],
  ['project_spend_limit_exceeded', budgetSpent],
  ['billing_hard_limit_reached', quotaUsedUp],
  ['billing_not_active', quotaUsedUp],
  ['account_deactivated', statusMeaning(401)],
  ['server', statusMeaning(500)],
  ['unmapped', statusMeaning(500)],
  ['server_error', statusMeaning(500)],
  ['provider_unavailable', statusMeaning(502)],
  ['provider_overloaded', statusMeaning(503)],
  ['overloaded_error', statusMeaning(529)],
  ['engine_overloaded_error', statusMeaning(529)],
  ['temporarily_unavailable', statusMeaning(503)],
  ['timeout', statusMeaning(504)],
]);

/** The meaning of the first word that is known, or undefined. */
export function errorTypeMeaning(types: readonly string[]): Meaning | undefined {
  return types.map((type) => ERROR_TYPES.get(type)).find((meaning) => meaning !== undefined);
}
