import { describe, expect, test } from '@jest/globals';
import { converse, simulatorsForTests } from './support.ts';

const start = simulatorsForTests();
const QUESTION = { role: 'user', content: '# Minutes\n\nThe board met. It agreed on the budget. All went home.\n' };
const GO_ON = { role: 'user', content: 'Go on where you stopped.' };
const SCHEMA = { type: 'object', properties: { title: { type: 'string' } }, required: ['title'] };
const AS_JSON = { response_format: { type: 'json_schema', json_schema: { name: 'minutes', schema: SCHEMA } } };

describe('an answer that is too long', () => {
  test('is cut at the limit, and goes on where it stopped, until it is whole', async () => {
    const simulator = await start({ answerTokens: 100 });
    const whole = (await converse(simulator, [QUESTION])).message.content;
    const said: string[] = [];
    const finished: string[] = [];
    while (finished.at(-1) !== 'stop' && finished.length < 9) {
      const turns = said.flatMap((content) => [{ role: 'assistant', content }, GO_ON]);
      const { choice, value } = await converse(simulator, [QUESTION, ...turns], { max_tokens: 30 });
      said.push(choice.message.content);
      finished.push(choice.finish_reason);
      expect(value.usage.completion_tokens).toBeLessThanOrEqual(30);
    }
    expect(finished.filter((reason) => reason === 'length').length).toBeGreaterThan(2);
    expect(said.join('')).toBe(whole);
    expect(simulator.billing()).toMatchObject([{ requests: finished.length + 1 }]);
  });

  test('is as long as the plan says', async () => {
    const simulator = await start({ answerTokens: 2_000 });
    expect((await converse(simulator, [QUESTION])).value.usage.completion_tokens).toBeGreaterThanOrEqual(2_000);
  });

  test('a whole answer is given again if it is not to be continued', async () => {
    const simulator = await start();
    const { message } = await converse(simulator, [QUESTION]);
    const turns = [QUESTION, message, { role: 'user', content: 'Once more.' }];
    expect((await converse(simulator, turns)).message.content).toBe(message.content);
  });

  test('an example before the document is not taken for the document', async () => {
    const simulator = await start();
    const turns = [{ role: 'user', content: 'An example.' }, { role: 'assistant', content: 'Its answer.' }, QUESTION];
    expect((await converse(simulator, turns)).message.content).toMatch(/^# Minutes/);
  });
});

describe('an answer in JSON', () => {
  test('satisfies the schema', async () => {
    const simulator = await start();
    expect(JSON.parse((await converse(simulator, [QUESTION], AS_JSON)).message.content)).toEqual({ title: 'Minutes' });
    const anyObject = { response_format: { type: 'json_object' } };
    expect(JSON.parse((await converse(simulator, [QUESTION], anyObject)).message.content)).toHaveProperty('title');
  });

  test.each([
    ['json-fenced' as const, /^```json\n\{[^]*\}\n```$/],
    ['json-prose' as const, /^Here is[^]*\n\{[^]*\}\n[^]*helps\.$/],
    ['json-invalid' as const, /^\{[^}]*,$/],
    ['json-wrong' as const, /^\{"title":\{"wrong":true\}\}$/],
    ['json-ignored' as const, /^# Minutes\n/],
  ])('%s is bad the first time, and repaired in the second turn', async (kind, pattern) => {
    const simulator = await start({ faults: [{ kind, attempts: [1] }] });
    const { message } = await converse(simulator, [QUESTION], AS_JSON);
    expect(message.content).toMatch(pattern);
    const turns = [QUESTION, message, { role: 'user', content: 'That does not hold: repair it.' }];
    expect(JSON.parse((await converse(simulator, turns, AS_JSON)).message.content)).toEqual({ title: 'Minutes' });
    expect(simulator.billing()).toMatchObject([{ requests: 2, billed: 2 }]);
  });

  test('a model that knows no formats answers in prose, or is not found if it must know them', async () => {
    const simulator = await start();
    const model = 'microsoft/phi-4';
    expect((await converse(simulator, [QUESTION], { ...AS_JSON, model })).message.content).toMatch(/^# Minutes/);
    const provider = { require_parameters: true };
    expect((await converse(simulator, [QUESTION], { ...AS_JSON, model, provider })).error).toMatchObject({
      code: 404,
      message: 'No endpoints found that can handle the requested parameters.',
    });
  });
});

describe('models', () => {
  const models = ['openai/gpt-5', 'openai/gpt-5-mini'];

  test('the next one serves if one is not available, at its own price', async () => {
    const simulator = await start({ unavailable: ['openai/gpt-5'] });
    const { value } = await converse(simulator, [QUESTION], { model: 'openai/gpt-5', models });
    expect(value.model).toBe('openai/gpt-5-mini');
    const { prompt_tokens: asked, completion_tokens: said, cost } = value.usage;
    expect(cost).toBeCloseTo(asked * 0.00000025 + said * 0.000002, 10);
  });

  test('without another there is a 503', async () => {
    const simulator = await start({ unavailable: ['openai/gpt-5'] });
    expect((await converse(simulator, [QUESTION], { model: 'openai/gpt-5' })).error).toMatchObject({ code: 503 });
  });

  test('a prompt and an answer that are too long together are refused', async () => {
    const simulator = await start();
    const model = 'google/gemma-2-9b-it';
    const long = { role: 'user', content: 'word '.repeat(8_000) };
    const { error } = await converse(simulator, [long], { model, max_tokens: 100 });
    expect(error).toMatchObject({ code: 400, metadata: { error_type: 'context_length_exceeded' } });
    expect(error.message).toMatch(/^This endpoint's maximum context length is 8192 tokens\. .* about 10100 tokens/);
    expect((await converse(simulator, [QUESTION], { model, max_tokens: 8_192 })).status).toBe(400);
    expect((await converse(simulator, [QUESTION], { model, max_tokens: 8_000 })).status).toBe(200);
    expect((await converse(simulator, [long], { model, models: [model, 'microsoft/phi-4'] })).value.model).toBe(
      'microsoft/phi-4',
    );
  });
});

test('reasoning is returned and counted if the plan and the call want it', async () => {
  const simulator = await start({ reasoning: true });
  const { message, value } = await converse(simulator, [QUESTION], { reasoning: { effort: 'high' } });
  expect(message.reasoning).toEqual(expect.any(String));
  expect(value.usage.completion_tokens_details.reasoning_tokens).toBeGreaterThan(0);
  const silent = await converse(simulator, [QUESTION], { reasoning: { effort: 'none' } });
  expect(silent.message.reasoning).toBeNull();
  expect(silent.value.usage.completion_tokens_details.reasoning_tokens).toBe(0);
});

test('a model that makes images sends one if it is asked to', async () => {
  const simulator = await start();
  const model = 'google/gemini-2.5-flash-image';
  const { message } = await converse(simulator, [QUESTION], { model, modalities: ['image', 'text'] });
  expect(message.images[0].image_url.url).toMatch(/^data:image\/png;base64,/);
  expect((await converse(simulator, [QUESTION], { model })).message).not.toHaveProperty('images');
});
