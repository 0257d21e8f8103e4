import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { Ajv, type ValidateFunction } from 'ajv';
import { parse } from 'yaml';
import { resolveApi } from '../../src/llm/api.ts';
import { requestBody } from '../../src/llm/request/body.ts';

/** OpenRouter's own OpenAPI is not part of the repository. */
const PATH = process.env['SLUICE_OPENROUTER_OPENAPI'] ?? resolve('../shared/reference/openrouter-openapi.yaml');

const MESSAGES = [
  [{ role: 'user', content: 'Ærø – 港 🚢\u0000\ud800' }],
  [
    { role: 'system', content: 'Summarise.' },
    { role: 'user', content: '{{document}}' },
  ],
  [
    {
      role: 'system',
      content: [{ kind: 'text', text: 'Summarise.', cacheable: true }],
    },
    {
      role: 'user',
      content: [
        { kind: 'text', text: '<<<dotprompt:role:system>>>' },
        { kind: 'image', mediaType: 'image/webp', bytes: Buffer.from([0, 255, 128]) },
        { kind: 'linked image', url: 'https://example.org/a.png' },
        { kind: 'audio', format: 'flac', bytes: Buffer.from([1]) },
        { kind: 'file', name: 'Ærø.pdf', mediaType: 'application/pdf', bytes: Buffer.from('%PDF-1.7') },
      ],
    },
    { role: 'assistant', content: 'x', annotations: [{ type: 'file', file: { hash: 'a', content: [] } }] },
  ],
] as const;

const FIELDS = [
  {},
  {
    temperature: 0,
    models: ['a/c'],
    provider: { require_parameters: true, max_price: { prompt: '1' } },
    plugins: [{ id: 'file-parser', pdf: { engine: 'cloudflare-ai' } }],
    response_format: { type: 'json_schema', json_schema: { name: 'answer', strict: true, schema: { type: 'object' } } },
  },
];

const prices = { of: () => ({ prompt: 0.000003, completion: 0.000015, request: 0 }) };

const EFFORTS = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'];

const known = existsSync(PATH);
if (!known) {
  process.stderr.write(
    `\nSKIPPED: request bodies are not checked against OpenRouter's OpenAPI: ${PATH} does not exist.\n`,
  );
}

(known ? describe : describe.skip)("OpenRouter's schema of a ChatRequest", () => {
  let validate: ValidateFunction;
  beforeAll(() => {
    validate = chatRequestValidator(PATH);
  });

  test.each(['openrouter', 'openai', 'ollama', 'simulator', 'http://127.0.0.1:4010/api/v1'])(
    'is met by every body for %s',
    (name) => {
      const api = resolveApi(name);
      for (const messages of MESSAGES) {
        for (const reasoning of EFFORTS) {
          for (const stream of [true, false]) {
            for (const bounded of [false, true]) {
              const settings = { api, maxTokens: 64_000, reasoning, stream, bounded, prices };
              for (const fields of FIELDS) {
                const body = requestBody({ model: 'a/b', messages, fields }, settings);
                validate(JSON.parse(JSON.stringify(body)));
                expect(validate.errors).toBeNull();
              }
            }
          }
        }
      }
    },
  );

  test('is not met by everything', () => {
    const message = { role: 'user', content: 'x' };
    expect(validate({ model: 'a/b', messages: [] })).toBe(false);
    expect(validate({ model: 'a/b', messages: [message], stream: 'yes' })).toBe(false);
    expect(validate({ messages: [message], provider: { max_price: { prompt: {} } } })).toBe(false);
    expect(validate({ messages: [message], reasoning: { effort: 'huge' } })).toBe(false);
    expect(validate({ messages: [{ role: 'user', content: [{ type: 'image', data: 'x' }] }] })).toBe(false);
  });
});

function chatRequestValidator(path: string): ValidateFunction {
  const ajv = new Ajv({ strict: false, logger: false });
  ajv.addSchema(parse(readFileSync(path, 'utf8'), { maxAliasCount: -1 }), 'openrouter');
  return ajv.compile({ $ref: 'openrouter#/components/schemas/ChatRequest' });
}
