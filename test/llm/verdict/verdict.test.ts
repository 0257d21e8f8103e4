import { describe, expect, test } from '@jest/globals';
import type { Billing, Limit, Verdict } from '../../../src/domain/attempt.ts';
import type { FailureKind } from '../../../src/llm/http/client.ts';
import { createReplyReader } from '../../../src/llm/reply/parse.ts';
import { judgeAttempt } from '../../../src/llm/verdict/verdict.ts';
import { judgeReply, NO_HINTS, NOW } from '../judge-reply.ts';
import { answerBody, chunkBody, events, GOOD_STREAM, USAGE } from '../support.ts';

const ANSWER: Verdict = { kind: 'answer' };
const RETRY: Verdict = { kind: 'retry', cools: 'document', hintSeconds: null, counts: true };
const AT_ONCE: Verdict = { ...RETRY, counts: false, limit: 'concurrency' };
const FAIL: Verdict = { kind: 'fail', suspect: false };
const SUSPECT: Verdict = { kind: 'fail', suspect: true };
const ACCOUNT: Verdict = { kind: 'pause', scope: 'account' };
const MODEL: Verdict = { kind: 'pause', scope: 'model' };
const wait = (hintSeconds: number | null, limit?: Limit): Verdict => ({
  kind: 'retry',
  cools: 'model',
  hintSeconds,
  counts: false,
  ...(limit && { limit }),
});
const until = (resetSeconds: number): Verdict => ({ ...ACCOUNT, resetSeconds });

const errorBody = (code: unknown, metadata?: object, message = 'It went wrong.') => ({
  error: { code, message, ...(metadata && { metadata }) },
});

const IMAGE = { type: 'image_url', image_url: { url: 'data:image/png;base64,AP8=' } };

const HTML = '<html><head><title>Trouble</title></head></html>';

describe('a status', () => {
  const expected = new Map<number, Verdict>([
    [400, SUSPECT],
    [401, ACCOUNT],
    [402, ACCOUNT],
    [403, ACCOUNT],
    [404, MODEL],
    [405, MODEL],
    [406, MODEL],
    [407, MODEL],
    [408, RETRY],
    [409, RETRY],
    [410, MODEL],
    [411, MODEL],
    [412, FAIL],
    [413, FAIL],
    [414, MODEL],
    [415, MODEL],
    [421, MODEL],
    [422, SUSPECT],
    [425, RETRY],
    [426, MODEL],
    [429, AT_ONCE],
    [431, MODEL],
    [498, wait(null, 'upstream')],
  ]);
  const byClass = (status: number): Verdict => {
    if (status < 200) return RETRY;
    if (status < 400) return MODEL;
    return status < 500 ? SUSPECT : RETRY;
  };
  const refusals = Array.from({ length: 500 }, (_, index) => 100 + index).filter(
    (status) => status < 200 || status > 299,
  );

  test.each(refusals)('%i with an error object of the API', (status) => {
    const judgement = judgeReply(status, errorBody(status));
    expect(judgement.verdict).toEqual(expected.get(status) ?? byClass(status));
    expect(judgement.billing).toBe('none');
    expect(judgement.code).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(judgement.message).toContain(`HTTP ${status}`);
    expect(judgement.message).toContain('It went wrong.');
  });

  test.each(refusals)('%i with a page of something before the API', (status) => {
    const judgement = judgeReply(status, HTML);
    const ofPages = new Map<number, Verdict>([
      [403, SUSPECT],
      [503, AT_ONCE],
    ]);
    expect(judgement.verdict).toEqual(ofPages.get(status) ?? expected.get(status) ?? byClass(status));
    const passedOn = ![503, 511, 521, 523, 525, 526, 530].includes(status);
    expect(judgement.billing).toBe((status >= 500 && passedOn) || status === 408 || status < 200 ? 'in doubt' : 'none');
    expect(judgement.message).not.toContain('Trouble');
  });

  test.each([200, 201, 202, 203, 206, 299])('%i with a good answer', (status) => {
    expect(judgeReply(status, answerBody())).toMatchObject({ verdict: ANSWER, billing: 'known', code: 'answered' });
  });

  test.each([200, 204, 205])('%i without a body', (status) => {
    expect(judgeReply(status, '')).toMatchObject({ verdict: RETRY, billing: 'in doubt', code: 'blank-reply' });
  });

  test.each<readonly [number, Limit | undefined]>([
    [402, 'spending'],
    [408, undefined],
    [425, undefined],
    [429, 'rate'],
    [500, undefined],
    [502, undefined],
    [503, 'upstream'],
    [504, undefined],
    [524, undefined],
    [529, 'upstream'],
  ])('%i with a hint cools the model and does not count; it is the limit %s', (status, limit) => {
    expect(judgeReply(status, errorBody(status), { 'retry-after': '7' }).verdict).toEqual(wait(7, limit));
    expect(judgeReply(status, HTML, { 'retry-after': '7' }).verdict).toEqual(wait(7, limit));
  });
});

const ERROR_TYPES: readonly [string, number, Verdict][] = [
  ['context_length_exceeded', 400, FAIL],
  ['max_tokens_exceeded', 400, SUSPECT],
  ['token_limit_exceeded', 400, FAIL],
  ['string_too_long', 400, FAIL],
  ['invalid_request', 400, SUSPECT],
  ['invalid_prompt', 400, SUSPECT],
  ['invalid_image', 400, FAIL],
  ['image_too_large', 400, FAIL],
  ['image_too_small', 400, FAIL],
  ['unsupported_image_format', 400, FAIL],
  ['image_download_failed', 400, FAIL],
  ['authentication', 401, ACCOUNT],
  ['payment_required', 402, ACCOUNT],
  ['permission_denied', 403, ACCOUNT],
  ['content_policy_violation', 403, FAIL],
  ['refusal', 403, FAIL],
  ['not_found', 404, MODEL],
  ['image_not_found', 404, FAIL],
  ['precondition_failed', 412, FAIL],
  ['payload_too_large', 413, FAIL],
  ['unprocessable', 422, SUSPECT],
  ['rate_limit_exceeded', 429, AT_ONCE],
  ['server', 500, RETRY],
  ['unmapped', 500, RETRY],
  ['provider_unavailable', 502, RETRY],
  ['provider_overloaded', 503, RETRY],
  ['timeout', 504, RETRY],
];

describe('an error type', () => {
  test.each(ERROR_TYPES)('%s under its status %i', (type, status, verdict) => {
    expect(judgeReply(status, errorBody(status, { error_type: type })).verdict).toEqual(verdict);
  });

  test.each(ERROR_TYPES)('%s outranks a status that says otherwise, also a success', (type, status, verdict) => {
    expect(judgeReply(status === 502 ? 400 : 502, errorBody(502, { error_type: type })).verdict).toEqual(verdict);
    expect(judgeReply(200, errorBody(null, { error_type: type })).verdict).toEqual(verdict);
    expect(judgeReply(200, events({ ...errorBody(type), choices: [] })).verdict).toEqual(verdict);
  });

  test('that is not known leaves it to the status', () => {
    expect(judgeReply(503, errorBody(503, { error_type: 'brand_new' })).verdict).toEqual(RETRY);
  });
});

const REFUSALS: readonly [string, number, unknown, Record<string, string>, Verdict, string][] = [
  ['402 plain', 402, errorBody(402, undefined, 'Insufficient credits'), {}, ACCOUNT, 'credit-exhausted'],
  [
    '402 that can afford less',
    402,
    errorBody(402, undefined, 'You requested up to 64000 tokens, but can only afford 900'),
    {},
    ACCOUNT,
    'credit-exhausted',
  ],
  [
    '402 that can afford nothing',
    402,
    errorBody(402, undefined, 'You requested up to 64000 tokens, but can only afford 0'),
    {},
    ACCOUNT,
    'credit-exhausted',
  ],
  [
    '402 plain, with the reset of a quota',
    402,
    errorBody(402, { headers: { 'X-RateLimit-Reset': '3600' } }),
    { 'x-ratelimit-reset': '3600' },
    ACCOUNT,
    'credit-exhausted',
  ],
  ['500 with the reset of a quota', 500, errorBody(500), { 'x-ratelimit-reset': '3600' }, RETRY, 'server-error'],
  ['402 with Retry-After', 402, errorBody(402), { 'retry-after': '5' }, wait(5, 'spending'), 'spending-held'],
  ['402 page with Retry-After', 402, HTML, { 'retry-after': '5' }, wait(5, 'spending'), 'spending-held'],
  [
    '402 in-flight budget by source',
    402,
    errorBody(402, { limit_source: 'openrouter_in_flight_budget' }),
    {},
    wait(null, 'spending'),
    'spending-held',
  ],
  [
    '402 in-flight budget by reason',
    402,
    errorBody(402, { reason: 'in_flight_budget_exhausted', error_type: 'payment_required' }),
    { 'retry-after': '2' },
    wait(2, 'spending'),
    'spending-held',
  ],
  [
    '402 too dear alone',
    402,
    errorBody(402, { reason: 'weight_exceeds_budget', limit_source: 'openrouter_credits' }),
    { 'retry-after': '2' },
    FAIL,
    'too-dear',
  ],
  ['402 key limit', 402, errorBody(402, { limit_source: 'openrouter_key_limit' }), {}, ACCOUNT, 'budget-spent'],
  [
    '403 key limit',
    403,
    errorBody(403, { limit_source: 'openrouter_key_limit', error_type: 'permission_denied' }),
    {},
    ACCOUNT,
    'budget-spent',
  ],
  [
    '403 guardrail budget',
    403,
    errorBody(403, { limit_source: 'openrouter_guardrail_budget' }),
    {},
    ACCOUNT,
    'budget-spent',
  ],
  [
    '403 workspace budget',
    403,
    errorBody(403, { limit_source: 'openrouter_workspace_budget' }),
    {},
    ACCOUNT,
    'budget-spent',
  ],
  [
    '403 moderation',
    403,
    errorBody(403, { reasons: ['violence'], flagged_input: 'x', provider_name: 'OpenAI' }),
    {},
    FAIL,
    'moderated',
  ],
  ['403 guardrail patterns', 403, errorBody(403, { patterns: ['injection'] }), {}, FAIL, 'moderated'],
  [
    '403 of a provider without a reason',
    403,
    errorBody(403, { provider_name: 'Google', raw: 'denied' }, 'Provider returned error'),
    {},
    SUSPECT,
    'provider-refused',
  ],
  [
    '400 as OpenRouter names a wrong model',
    400,
    errorBody(400, undefined, 'foo/bar is not a valid model ID'),
    {},
    MODEL,
    'model-not-found',
  ],
  [
    '404 as OpenAI names a wrong model',
    404,
    { error: { code: 'model_not_found', type: 'invalid_request_error', message: 'x' } },
    {},
    MODEL,
    'model-not-found',
  ],
  [
    '404 as Ollama names a wrong model',
    404,
    { error: 'model "x" not found, try pulling it first' },
    {},
    MODEL,
    'model-not-found',
  ],
  [
    '401 as OpenAI says it',
    401,
    { error: { code: 'invalid_api_key', type: 'invalid_request_error', message: 'x' } },
    {},
    ACCOUNT,
    'key-refused',
  ],
  [
    '400 as OpenAI says too long',
    400,
    { error: { code: 'context_length_exceeded', type: 'invalid_request_error', message: 'x' } },
    {},
    FAIL,
    'context-too-long',
  ],
  [
    '429 of a free day',
    429,
    errorBody(
      429,
      { headers: { 'X-RateLimit-Reset': String(NOW + 3_600_000) } },
      'Rate limit exceeded: free-models-per-day-high-balance.',
    ),
    {},
    until(3600),
    'daily-quota',
  ],
  [
    '429 of a free minute',
    429,
    errorBody(429, { headers: { 'X-RateLimit-Reset': '4' } }, 'Rate limit exceeded: free-models-per-min.'),
    {},
    wait(4, 'rate'),
    'rate-limited',
  ],
  [
    '429 without OpenAI quota',
    429,
    { error: { code: 'insufficient_quota', type: 'insufficient_quota', message: 'x' } },
    {},
    ACCOUNT,
    'quota-used-up',
  ],
  [
    '429 of a shared pool',
    429,
    errorBody(429, { limit_source: 'upstream_provider_shared_pool', retry_after_seconds: 3 }),
    {},
    wait(3, 'upstream'),
    'upstream-busy',
  ],
];

describe('a refusal that the status alone would get wrong', () => {
  test.each(REFUSALS)('%s', (_, status, body, headers, verdict, code) => {
    expect(judgeReply(status, body, headers)).toMatchObject({ verdict, code, billing: 'none' });
  });

  test.each([
    ['model_not_found', 400, false, MODEL],
    ['wrong_endpoint', 400, false, MODEL],
    ['no_endpoints', 404, false, MODEL],
    ['model_deprecated', 404, false, MODEL],
    ['model_unavailable_upstream', 404, false, MODEL],
    ['privacy_restricted', 404, false, MODEL],
    ['constraint_filtered', 404, false, MODEL],
    ['free_variant_ended', 404, false, MODEL],
    ['region_restricted', 403, false, MODEL],
    ['capacity_exhausted', 429, true, wait(6, 'upstream')],
    ['temporarily_unavailable', 503, true, wait(6, 'upstream')],
    ['brand_new', 503, false, FAIL],
    ['brand_new', 404, true, wait(6)],
  ])('availability %s (%i, retryable: %s)', (code, status, retryable, verdict) => {
    const availability = { code, retryable, ...(retryable && { retry_after: 6 }) };
    expect(judgeReply(status, { error: { http_status: status, message: 'x', availability } }).verdict).toEqual(verdict);
  });
});

const finish = (reason: string | null, content: unknown = 'text', rest: object = {}) =>
  answerBody(content, { choices: [{ index: 0, finish_reason: reason, message: { content, ...rest } }] });
const untold = { usage: undefined };

const SUCCESSES: readonly [string, unknown, Verdict, Billing, string][] = [
  ['a good answer', answerBody(), ANSWER, 'known', 'answered'],
  ['a good stream', GOOD_STREAM, ANSWER, 'known', 'answered'],
  ['tool calls beside content', finish('tool_calls'), ANSWER, 'known', 'answered'],
  [
    'an answer without a cost',
    answerBody('x', { usage: { prompt_tokens: 3, completion_tokens: 1 } }),
    ANSWER,
    'known',
    'answered',
  ],
  [
    'an answer with a null cost',
    answerBody('x', { usage: { prompt_tokens: 3, cost: null } }),
    ANSWER,
    'known',
    'answered',
  ],
  ['an answer without usage', answerBody('x', untold), ANSWER, 'known', 'answered'],
  ['a stream without usage', events(chunkBody({ content: 'x' }, 'stop'), '[DONE]'), ANSWER, 'known', 'answered'],
  ['blanks alone', '    \n   \n', RETRY, 'in doubt', 'blank-reply'],
  ['cut JSON', JSON.stringify(answerBody()).slice(0, -9), RETRY, 'in doubt', 'unreadable-reply'],
  ['a page', HTML, RETRY, 'in doubt', 'unreadable-reply'],
  ['a cut stream', events(chunkBody({ content: 'x' })), RETRY, 'in doubt', 'cut-reply'],
  ['a stopped stream without its end', events(chunkBody({ content: 'x' }, 'stop')), ANSWER, 'known', 'answered'],
  ['a stopped stream without an answer', events(chunkBody({}, 'stop')), RETRY, 'in doubt', 'cut-reply'],
  ['comments alone', ': OPENROUTER PROCESSING\n\n', RETRY, 'in doubt', 'unreadable-reply'],
  ['an error 429', errorBody(429), AT_ONCE, 'none', 'too-many-at-once'],
  ['an error 429 with its hint', errorBody(429, { retry_after_seconds: 9 }), wait(9, 'rate'), 'none', 'rate-limited'],
  ['an error 502', errorBody(502), RETRY, 'none', 'provider-unavailable'],
  ['an error "429" as text', errorBody('429'), AT_ONCE, 'none', 'too-many-at-once'],
  ['an error 401', errorBody(401), ACCOUNT, 'none', 'key-refused'],
  ['an error 400', errorBody(400), SUSPECT, 'none', 'bad-request'],
  ['an error server_error', errorBody('server_error'), RETRY, 'none', 'server-error'],
  ['an error null', errorBody(null), RETRY, 'none', 'server-error'],
  ['an error that claims success', errorBody(200), RETRY, 'none', 'server-error'],
  ['an error that cost something', { ...errorBody(502), usage: { cost: 0.1 } }, RETRY, 'known', 'provider-unavailable'],
  ['no choices', { id: 'gen-1' }, RETRY, 'in doubt', 'no-choices'],
  ['choices null', { choices: null }, RETRY, 'in doubt', 'no-choices'],
  ['choices empty, with usage', answerBody('', { choices: [] }), RETRY, 'known', 'no-choices'],
  ['JSON null', 'null', RETRY, 'in doubt', 'no-choices'],
  [
    'an error in the choice',
    answerBody('', {
      ...untold,
      choices: [{ finish_reason: 'error', error: { code: 503 }, message: { content: 'par' } }],
    }),
    RETRY,
    'none',
    'overloaded',
  ],
  [
    'moderation in the choice',
    answerBody('', { ...untold, choices: [{ error: { code: 403, metadata: { reasons: ['x'] } } }] }),
    FAIL,
    'none',
    'moderated',
  ],
  ['a finish error without an error', { ...finish('error'), ...untold }, RETRY, 'none', 'error-finish'],
  [
    'an error amid a stream',
    events(chunkBody({ content: 'x' }), { ...chunkBody({}, 'error'), ...errorBody(502) }),
    RETRY,
    'none',
    'provider-unavailable',
  ],
  ['length', finish('length'), FAIL, 'known', 'length'],
  ['length with nothing written', finish('length', ''), FAIL, 'known', 'length'],
  ['length in a stream that was cut then', events(chunkBody({ content: 'x' }, 'length')), FAIL, 'in doubt', 'length'],
  ['content_filter', finish('content_filter'), FAIL, 'known', 'content-filter'],
  ['a refusal', finish('stop', '', { refusal: 'I cannot.' }), FAIL, 'known', 'refused-by-model'],
  ['a refusal that is null', finish('stop', 'text', { refusal: null }), ANSWER, 'known', 'answered'],
  ['empty content', finish('stop', ''), RETRY, 'known', 'empty-answer'],
  ['blank content', finish('stop', ' \n '), RETRY, 'known', 'empty-answer'],
  ['content null', finish('stop', null), RETRY, 'known', 'empty-answer'],
  ['an image without a word', finish('stop', null, { images: [IMAGE] }), ANSWER, 'known', 'answered'],
  ['reasoning alone', finish('stop', '', { reasoning: 'Hm.' }), RETRY, 'known', 'empty-answer'],
  ['tool calls alone', finish('tool_calls', null, { tool_calls: [{}] }), FAIL, 'known', 'tool-call'],
  ['no finish reason', finish(null), ANSWER, 'known', 'answered'],
  ['no finish reason and no content', finish(null, ''), RETRY, 'known', 'empty-answer'],
  [
    'no finish reason in a stream',
    events(chunkBody({ content: 'x' }, null, { usage: USAGE }), '[DONE]'),
    ANSWER,
    'known',
    'answered',
  ],
  [
    'tokens without a cost in a stream that was cut',
    events(chunkBody({ content: 'x' }, null, { usage: { prompt_tokens: 3 } })),
    RETRY,
    'in doubt',
    'cut-reply',
  ],
  ['a finish reason that is not known', finish('paused'), FAIL, 'known', 'unknown-finish'],
  ['the same without a word', finish('paused', ''), FAIL, 'known', 'unknown-finish'],
  ['an end before the end', { ...finish('abort'), ...untold }, RETRY, 'known', 'aborted'],
];

describe('under a success', () => {
  test.each(SUCCESSES)('%s', (_, body, verdict, billing, code) => {
    expect(judgeReply(200, body)).toMatchObject({ verdict, billing, code });
  });
});

describe('without a whole reply', () => {
  const TROUBLES: readonly [FailureKind, Verdict][] = [
    ['unreachable', { ...RETRY, cools: 'model' }],
    ['certificate-refused', MODEL],
    ['connection-reset', RETRY],
    ['malformed-reply', RETRY],
    ['encoded-reply', SUSPECT],
    ['oversized-reply', RETRY],
    ['deadline', RETRY],
    ['idle', RETRY],
  ];

  test.each(TROUBLES)('%s', (kind, verdict) => {
    for (const sent of [true, false]) {
      const judgement = judgeAttempt({
        sent,
        status: null,
        failure: { kind, detail: 'ECODE' },
        reply: null,
        replayed: false,
        hints: NO_HINTS,
        endedAtMs: NOW,
      });
      expect(judgement).toMatchObject({ verdict, code: kind, billing: sent ? 'in doubt' : 'none' });
      expect(judgement.message).toContain('ECODE');
    }
  });

  test('a status that came says more than what broke after it', () => {
    const facts = {
      sent: true,
      failure: { kind: 'idle', detail: '1 s' },
      reply: null,
      replayed: false,
      hints: NO_HINTS,
      endedAtMs: NOW,
    } as const;
    expect(judgeAttempt({ ...facts, status: 401 })).toMatchObject({ verdict: ACCOUNT, billing: 'none' });
    expect(judgeAttempt({ ...facts, status: 502 })).toMatchObject({ verdict: RETRY, billing: 'in doubt' });
    expect(judgeAttempt({ ...facts, status: 200 })).toMatchObject({
      verdict: RETRY,
      billing: 'in doubt',
      code: 'idle',
    });
  });

  test('an answer that was whole before the connection broke is an answer', () => {
    const reader = createReplyReader();
    reader.push(Buffer.from(JSON.stringify(answerBody())));
    const failure = { kind: 'connection-reset', detail: 'ECONNRESET' } as const;
    const facts = { sent: true, status: 200, failure, reply: reader.end(false), replayed: false };
    expect(judgeAttempt({ ...facts, hints: NO_HINTS, endedAtMs: NOW })).toMatchObject({ verdict: ANSWER });
  });
});

describe('a replayed reply', () => {
  const facts = { sent: true, status: 200, failure: null, replayed: true, hints: NO_HINTS, endedAtMs: NOW };

  test('costs nothing, also where it was cut', () => {
    const reader = createReplyReader();
    reader.push(Buffer.from(events(chunkBody({ content: 'A sh' }))));
    expect(judgeAttempt({ ...facts, reply: reader.end(true) })).toMatchObject({ verdict: RETRY, billing: 'known' });
    expect(judgeAttempt({ ...facts, reply: null })).toMatchObject({ verdict: RETRY, billing: 'known' });
  });
});
