import type { SimulatorState } from './state.ts';

const CREDIT_USD = 100;
/** Of an account that has bought credit. */
const DAILY_FREE_CALLS = 1_000;

/** What `GET /key` tells of the key: its limit, and what was spent by the simulator's own count. */
export function accountKey(state: SimulatorState): object {
  const usage = state.billing.totals().costUsd;
  const freeCalls = state.plan.dailyQuota ?? DAILY_FREE_CALLS;
  const freeCallsUsed = state.quota.used(Date.now());
  return {
    label: 'sk-or-v1-sim...ulator',
    limit: CREDIT_USD,
    limit_remaining: state.plan.account === 'no-credit' ? 0 : Math.max(0, CREDIT_USD - usage),
    limit_reset: null,
    usage,
    usage_daily: usage,
    usage_weekly: usage,
    usage_monthly: usage,
    byok_usage: 0,
    byok_usage_daily: 0,
    byok_usage_weekly: 0,
    byok_usage_monthly: 0,
    include_byok_in_limit: false,
    is_free_tier: false,
    is_management_key: false,
    is_provisioning_key: false,
    expires_at: null,
    creator_user_id: null,
    organization_id: null,
    workspace_id: null,
    allowed_data_regions: [],
    free_model_daily_requests: {
      limit: freeCalls,
      remaining: Math.max(0, freeCalls - freeCallsUsed),
      used: freeCallsUsed,
    },
    rate_limit: { requests: -1, interval: '10s', note: 'This field is deprecated and safe to ignore.' },
  };
}
