import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { problemsOf, recipeOf } from './recipe-sources.ts';

describe('fields that are taken', () => {
  test.each([
    'cache_control: {type: ephemeral, ttl: 1h}',
    'debug: {echo_upstream_body: true}',
    'frequency_penalty: -2',
    'image_config: {aspect_ratio: "16:9", quality: 1}',
    'logit_bias: {"50256": -100}',
    'logprobs: true',
    'metadata: {run: a}',
    'min_p: 0.1',
    'modalities: [text, image]',
    'models: [openai/gpt-5, openai/gpt-5-mini]',
    'parallel_of_next_year: true',
    'plugins: []',
    'plugins: [{id: web, max_results: 3}, {id: response-healing}, {id: next-years, option: 1}]',
    'prediction: {type: content, content: It is}',
    'presence_penalty: 2',
    'prompt_cache_key: invoices',
    'prompt_cache_options: {mode: explicit, ttl: 30m}',
    'provider: {order: [anthropic], allow_fallbacks: false, zdr: true, quantizations: [fp8]}',
    'provider: {sort: price, preferred_max_latency: 3, preferred_min_throughput: {p50: 10}}',
    'provider: null',
    'reasoning: {max_tokens: 2000}',
    'reasoning: {enabled: true, exclude: true, summary: concise}',
    'reasoning_effort: none',
    'repetition_penalty: 1.1',
    'route: fallback',
    'seed: -42',
    'service_tier: flex',
    'service_tier: null',
    'session_id: a',
    'stop: "\\n"',
    'store: false',
    'temperature: 0',
    'temperature: null',
    'top_a: 1',
    'top_k: 40',
    'top_logprobs: 20',
    'top_p: 0.5',
    'trace: {trace_id: a, anything: [1]}',
    'user: someone',
    'verbosity: low',
    'web_search_options: {search_context_size: low}',
  ])('%s', (field) => {
    expect(recipeOf(`config: {${field}}`).fields).toEqual(parse(field));
  });
});

describe('fields that are not', () => {
  test.each([
    ['temperature: 3', 'config.temperature is 3; it takes a number from 0 to 2'],
    ['temperature: "0.2"', 'config.temperature is "0.2"; it takes a number from 0 to 2'],
    ['temperature: low', 'config.temperature is "low"'],
    ['max_tokens: 0', 'config.max_tokens is 0; it takes a whole number of 1 or more'],
    ['max_tokens: 1.5', 'config.max_tokens is 1.5'],
    ['max_tokens: many', 'config.max_tokens is "many"'],
    ['max_tokens: 1, max_completion_tokens: 2', 'one and the same'],
    ['top_k: 1.5', 'config.top_k is 1.5; it takes a whole number of 0 or more'],
    ['seed: 12345678901234567890', 'config.seed is 12345678901234567000; it takes a whole number'],
    ['seed: null, top_p: 1.1', 'config.top_p is 1.1; it takes a number from 0 to 1'],
    ['frequency_penalty: 2.5', 'a number from -2 to 2'],
    ['top_logprobs: 21', 'a whole number from 0 to 20'],
    ['logit_bias: [1]', 'config.logit_bias is [1]; it takes a map'],
    ['logit_bias: {a: 101}', 'config.logit_bias.a is 101; it takes a number from -100 to 100'],
    ['logprobs: 1', 'config.logprobs is 1; it takes true or false'],
    ['stop: [a, b, c, d, e]', 'config.stop is ["a","b","c","d","e"]'],
    ['stop: [1]', 'config.stop is [1]'],
    ['models: openai/gpt-5', 'config.models is "openai/gpt-5"; it takes a list'],
    ['models: []', 'config.models is []; it takes a list (each a text, not empty)'],
    ['models: [1]', 'config.models[0] is 1; it takes a text'],
    ['modalities: [text, video]', 'config.modalities[1] is "video"; it takes one of text, image, audio'],
    [
      'service_tier: cheap',
      'config.service_tier is "cheap"; it takes one of auto, default, fast, flex, priority, scale',
    ],
    ['verbosity: max_', 'config.verbosity is "max_"'],
    ['user: null', 'config.user is null; it takes a text'],
    [`session_id: ${'a'.repeat(257)}`, 'it takes a text of at most 256 characters'],
    ['metadata: {a: 1}', 'config.metadata.a is 1'],
    ['reasoning: high', 'config.reasoning is "high"; it takes a map of effort'],
    ['reasoning: {effort: hgih}', 'config.reasoning.effort is "hgih"; it takes one of none'],
    ['reasoning: {efort: high}', 'config.reasoning.efort is not known: did you mean effort?'],
    ['reasoning: {maxTokens: 1}', 'config.reasoning.maxTokens is not known: did you mean max_tokens?'],
    ['reasoning: {effort: high, max_tokens: 1}', 'config.reasoning takes effort or max_tokens, not both'],
    [
      'reasoning: {effort: high}, reasoning_effort: low',
      'config.reasoning_effort is low, but config.reasoning.effort is high',
    ],
    [
      'provider: {sort: cheapest}',
      'config.provider.sort is "cheapest"; it takes one of price, throughput, latency, exacto, or a map',
    ],
    ['provider: {sort: {by: cheapest}}', 'config.provider.sort is {"by":"cheapest"}'],
    ['provider: {only: anthropic}', 'config.provider.only is "anthropic"; it takes a list'],
    ['provider: {quantizations: [fp12]}', 'config.provider.quantizations[0] is "fp12"'],
    ['provider: {data_collection: no}', 'config.provider.data_collection is "no"; it takes one of allow, deny'],
    ['provider: {max_price: {prompt: cheap}}', 'config.provider.max_price.prompt is "cheap"; it takes US dollars'],
    ['provider: {requireParameters: true}', 'did you mean require_parameters?'],
    ['plugins: web', 'config.plugins is "web"; it takes a list'],
    ['plugins: [web]', 'config.plugins[0] is "web"; it takes a plugin, such as {id:'],
    ['plugins: [{id: file_parser}]', 'config.plugins[0].id "file_parser" is not known: did you mean file-parser?'],
    ['plugins: [{id: web, max_results: 0}]', 'config.plugins[0].max_results is 0'],
    [
      'plugins: [{id: file-parser, pdf: {engine: tesseract}}]',
      'config.plugins[0].pdf.engine is "tesseract"; it takes one of native',
    ],
    ['cache_control: {ttl: 5m}', 'config.cache_control.type is missing'],
    ['prediction: {type: content}', 'config.prediction.content is missing'],
    ['temprature: 1', 'config.temprature is not known: did you mean temperature?'],
    ['temp: 1', 'config.temp is not known: did you mean temperature?'],
    ['tok_k: 1', 'config.tok_k is not known: did you mean top_k?'],
    ['top-p: 1', 'config.top-p is not known: did you mean top_p?'],
    ['presense_penalty: 1', 'did you mean presence_penalty?'],
    ['frequencyPenalty: 1', 'config.frequencyPenalty is not known: did you mean frequency_penalty?'],
    ['topP: 1', 'config.topP is not known: did you mean top_p?'],
    ['topK: 1', 'config.topK is not known: did you mean top_k?'],
    ['maxOutputTokens: 1', 'config.maxOutputTokens is not known: did you mean max_tokens?'],
    ['stopSequences: [a]', 'config.stopSequences is not known: did you mean stop?'],
    ['somethingElse: 1', 'config.somethingElse is no field of the API'],
    ['apiKey: abc-123', 'config.apiKey is not for a recipe to set: keys come from the environment'],
    ['messages: []', 'config.messages is not for a recipe to set: the prompt below'],
    ['model: x', 'config.model is not for a recipe to set: it stands at the top'],
    ['n: 2', 'config.n is not for a recipe to set: a document has one result'],
    ['stream: false', 'config.stream is not for a recipe to set: it is for the run to say'],
    ['streamOptions: {}', 'config.streamOptions is not for a recipe to set'],
    ['response_format: {type: json_object}', 'write output.format and output.schema instead'],
    ['tools: []', 'config.tools is not for a recipe to set: sluice calls no tools'],
    ['tool_choice: auto', 'sluice calls no tools'],
  ])('%s', (field, problem) => {
    expect(problemsOf(`config: {${field}}`)).toContain(problem);
  });

  test('the value of what may be a key is not shown', () => {
    expect(problemsOf('config: {apiKey: abc-123}')).not.toContain('abc-123');
  });

  test.each(['config: []', 'config: 5', 'config: text'])('%s', (header) => {
    expect(problemsOf(header)).toContain('it takes a map');
  });
});
