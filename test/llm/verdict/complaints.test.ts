import { describe, expect, test } from '@jest/globals';
import { refusesField, statedTokens } from '../../../src/llm/verdict/complaints.ts';
import { NO_ERROR } from '../../../src/llm/verdict/reported-error.ts';

const said = (message: string) => ({ ...NO_ERROR, message });

describe('a field is refused by', () => {
  test.each([
    ['Invalid JSON payload received. Unknown name "reasoning": Cannot find field.', 'reasoning'],
    ["property 'reasoning' is unsupported", 'reasoning'],
    ["property 'reasoning' is unsupported, did you mean 'reasoning_format'?", 'reasoning'],
    ["Extra inputs are not permitted, field: 'reasoning', value: {'effort': 'high'}", 'reasoning'],
    ['body.reasoning: Extra inputs are not permitted', 'reasoning'],
    ['body.stream_options: Extra inputs are not permitted', 'stream_options'],
    [
      "[{'type': 'extra_forbidden', 'loc': ('body', 'reasoning'), 'msg': 'Extra inputs are not permitted', 'input': {'effort': 'high'}}]",
      'reasoning',
    ],
    ['Unrecognized request argument supplied: reasoning', 'reasoning'],
    [
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
      'max_tokens',
    ],
    ["Unknown parameter: 'stream_options'.", 'stream_options'],
    ["Unsupported value: 'reasoning_effort' does not support 'high' with this model.", 'reasoning_effort'],
    ["'response_format.type' must be 'json_schema' or 'text'", 'response_format'],
    ['This response_format type is unavailable now', 'response_format'],
    ["Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.", 'response_format'],
    ['This model does not support response format `json_schema`. See supported models at', 'response_format'],
    [
      'Failed to deserialize the JSON body into the target type: reasoning: unknown field `reasoning`, expected one of `model`, `max_tokens`, `stream_options` at line 1 column 5',
      'reasoning',
    ],
    ["Additional properties are not allowed ('reasoning' was unexpected)", 'reasoning'],
    ['json: unknown field "reasoning"', 'reasoning'],
    ["create() got an unexpected keyword argument 'reasoning'", 'reasoning'],
    [
      "litellm.UnsupportedParamsError: openai does not support parameters: ['reasoning_effort'], for model=gpt-4o",
      'reasoning_effort',
    ],
    ['messages.0.content.0.cache_control: Extra inputs are not permitted', 'cache_control'],
    ['Argument not supported on this model: reasoningEffort', 'reasoning_effort'],
    ['Model grok-4 does not support parameter reasoningEffort.', 'reasoning_effort'],
    ['`reasoning_effort` must be one of `none` or `default`', 'reasoning_effort'],
    ['"gemma3" does not support thinking', 'reasoning_effort'],
    ['Unknown name "provider": Cannot find field.', 'provider'],
    ["Unsupported parameter: 'temperature' is not supported with this model.", 'temperature'],
    [
      "Unsupported value: 'temperature' does not support 0.2 with this model. Only the default (1) value is supported.",
      'temperature',
    ],
    ['{"error":{"message":"Unsupported parameter: \\"max_tokens\\""}}', 'max_tokens'],
    [
      "Invalid schema for response_format 'answer': In context=(), 'additionalProperties' is required",
      'response_format',
    ],
    ['stream: Extra inputs are not permitted', 'stream'],
    ['Streaming is not supported', 'stream'],
    ['Streaming responses are disabled for this deployment.', 'stream'],
    ['This model does not support streaming.', 'stream'],
    ['stream=true is not supported', 'stream'],
    ['Only non-streaming requests are taken here', 'stream'],
    ['stream must be set to false', 'stream'],
    ['Unknown name "max_price" at \'provider\': Cannot find field.', 'provider'],
  ])('%s (%s)', (message, field) => {
    expect(refusesField(said(message), field)).toBe(true);
  });
});

const named = (code: string) => ({ ...said('It must be verified.'), param: 'stream', types: [code] });

test('a field is refused by its name beside the words', () => {
  expect(refusesField(named('unsupported_value'), 'stream')).toBe(true);
  expect(refusesField(named('unsupported_value'), 'stream_options')).toBe(false);
  expect(refusesField(named('invalid_value'), 'stream')).toBe(false);
});

describe('a field is named, and not refused, by', () => {
  test.each([
    ['Unrecognized request arguments supplied: foo, reasoning', 'reasoning'],
    [
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
      'max_completion_tokens',
    ],
    [
      'Failed to deserialize the JSON body into the target type: foo: unknown field `foo`, expected one of `model`, `reasoning`, `max_tokens`, `stream_options` at line 1 column 5',
      'max_tokens',
    ],
    ['unknown field `foo`, expected one of `model`, `reasoning`, `max_tokens`', 'reasoning'],
    ['Provider returned error', 'provider'],
    ['No allowed providers are available', 'provider'],
    ['unknown provider', 'provider'],
    [
      'max_tokens is too large: 64000. This model supports at most 16384 completion tokens, whereas you provided 64000.',
      'max_tokens',
    ],
    [
      '`max_tokens` must be less than or equal to `8192`, the maximum value for `max_tokens` is less than the `context_window` for this model',
      'max_tokens',
    ],
    ['This model is not available', 'stream'],
    [
      "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
      'response_format',
    ],
  ])('%s (%s)', (message, field) => {
    expect(refusesField(said(message), field)).toBe(false);
  });
});

const NONE = { context: null, longestPrompt: null, prompt: null, longestAnswer: null, perMinute: null };

describe('tokens are stated by', () => {
  test.each<[string, Partial<typeof NONE> | object]>([
    [
      'max_tokens is too large: 64000. This model supports at most 16384 completion tokens, whereas you provided 64000.',
      { longestAnswer: 16384 },
    ],
    [
      "Invalid 'max_tokens': integer above maximum value. Expected a value <= 32768, but got 64000 instead.",
      { longestAnswer: 32768 },
    ],
    [
      'max_tokens: 64000 > 8192, which is the maximum allowed number of output tokens for claude-3-5-sonnet',
      { longestAnswer: 8192 },
    ],
    [
      '`max_tokens` must be less than or equal to `8192`, the maximum value for `max_tokens` is less than the `context_window` for this model',
      { longestAnswer: 8192 },
    ],
    ['Invalid max_tokens value, the valid range of max_tokens is [1, 8192]', { longestAnswer: 8192 }],
    ['body.max_tokens: Input should be less than or equal to 8192', { longestAnswer: 8192 }],
    [
      'Unable to submit request because it has a maxOutputTokens value of 64000 but the supported range is from 1 (inclusive) to 8193 (exclusive). Update',
      { longestAnswer: 8192 },
    ],
    [
      'The maximum tokens you requested exceeds the model limit of 4096. Try again with a maximum tokens value that is lower than 4096.',
      { longestAnswer: 4096 },
    ],
    [
      "This model's maximum context length is 4096 tokens. However, you requested 64050 tokens (50 in the messages, 64000 in the completion). Please reduce",
      { context: 4096, prompt: 50 },
    ],
    [
      "'max_tokens' or 'max_completion_tokens' is too large: 64000. This model's maximum context length is 4096 tokens and your request has 50 input tokens (64000 > 4096 - 50). None",
      { context: 4096, prompt: 50 },
    ],
    [
      "This model's maximum context length is 4096 tokens. However, your request has 5000 input tokens. Please reduce the length of the input messages.",
      { context: 4096, prompt: 5000 },
    ],
    [
      "Requested token count exceeds the model's maximum context length of 4096 tokens. You requested a total of 64050 tokens: 50 tokens from the input messages and 64000 tokens for the completion.",
      { context: 4096, prompt: 50 },
    ],
    [
      "This endpoint's maximum context length is 131072 tokens. However, you requested about 200000 tokens (136000 of text input, 64000 in the output). Please",
      { context: 131072, prompt: 136000 },
    ],
    [
      "This model's maximum context length is 128000 tokens. However, your messages resulted in 150000 tokens.",
      { context: 128000, prompt: 150000 },
    ],
    [
      'Input tokens exceed the configured limit of 272000 tokens. Your messages resulted in 300000 tokens.',
      { longestPrompt: 272000, prompt: 300000 },
    ],
    ['prompt is too long: 210000 tokens > 200000 maximum', { longestPrompt: 200000, prompt: 210000 }],
    [
      'input length and `max_tokens` exceed context limit: 190000 + 64000 > 200000, decrease input length or `max_tokens` and try again',
      { context: 200000, prompt: 190000 },
    ],
    [
      'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).',
      { longestPrompt: 1048576, prompt: 1200000 },
    ],
    [
      'request (5000 tokens) exceeds the available context size (4096 tokens), try increasing it',
      { context: 4096, prompt: 5000 },
    ],
    [
      'Trying to keep the first 5000 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens, which is not enough. Try',
      { context: 4096, prompt: 5000 },
    ],
    ['prompt too long; exceeded max context length by 1234 tokens', {}],
    [
      'Prompt contains 50000 tokens and 0 draft tokens, too large for model with 32768 maximum context length',
      { context: 32768, prompt: 50000 },
    ],
    [
      "This model's maximum prompt length is 131072 but the request contains 200000 tokens.",
      { longestPrompt: 131072, prompt: 200000 },
    ],
    [
      'too many tokens: total number of tokens in the prompt cannot exceed 4081 - received 5000. Try',
      { longestPrompt: 4081, prompt: 5000 },
    ],
    [
      'Please reduce the length of the messages or completion. Current length is 10000 while limit is 8192',
      { longestPrompt: 8192, prompt: 10000 },
    ],
    ['The prompt is too long: 200000, model maximum context length: 131071', { context: 131071, prompt: 200000 }],
    [
      'Input validation error: `inputs` tokens + `max_new_tokens` must be <= 8193. Given: 50 `inputs` tokens and 64000 `max_new_tokens`',
      { context: 8193, prompt: 50 },
    ],
    [
      'Request too large for model `llama` in organization `org` service tier `on_demand` on tokens per minute (TPM): Limit 6000, Requested 64050, please reduce your message size',
      { perMinute: 6000 },
    ],
    ['at most 8,192 completion tokens', { longestAnswer: 8192 }],
    ['max_tokens cannot be greater than 4096', { longestAnswer: 4096 }],
    ['max_tokens must be between 1 and 4096', { longestAnswer: 4096 }],
    ['max_tokens must be in [1, 4096]', { longestAnswer: 4096 }],
    ['max_tokens (64000) exceeds maximum 4096', { longestAnswer: 4096 }],
    ['context window exceeded: 15234 tokens, limit 8192', { context: 8192 }],
    ['maximum context length is 128K tokens', {}],
    ['maximum context length is 8.192 tokens', {}],
    ['context length exceeded (code 4001)', {}],
    ['Context limit: request 20240501-7', {}],
  ])('%s', (message, stated) => {
    expect(statedTokens(said(message))).toEqual({ ...NONE, ...stated });
  });

  test('nothing that is longer than any sentence, however it repeats itself', () => {
    const long = said(`invalid ${'reasoning.a.b[0] is context length '.repeat(50_000)} 4096`);
    expect(refusesField(long, 'stream_options')).toBe(false);
    expect(statedTokens(long)).toEqual(NONE);
  });

  test('fields of their own', () => {
    expect(statedTokens({ ...NO_ERROR, tokens: { context: 4096, prompt: 5000 } })).toEqual({
      ...NONE,
      context: 4096,
      prompt: 5000,
    });
  });
});
