import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import { parse } from 'yaml';
import { sayNotTested } from '../support/say-not-tested.ts';

/** OpenRouter's own OpenAPI is not part of the repository. */
const PATH = process.env['SLUICE_OPENROUTER_OPENAPI'] ?? resolve('../shared/reference/openrouter-openapi.yaml');

/** What OpenRouter's schema of a ChatRequest finds wrong with a parsed body, in words; nothing where it is met. */
export type ChatRequestFlaws = (body: unknown) => readonly string[];

/** Null, and said so, where OpenRouter's OpenAPI is not to be had. Takes seconds: once for a test file is enough. */
export function loadChatRequestSchema(): ChatRequestFlaws | null {
  if (!existsSync(PATH)) {
    sayNotTested("OpenRouter's schema of requests", `${PATH} does not exist`);
    return null;
  }
  const validate = chatRequestValidator(PATH);
  return (body) => {
    validate(body);
    return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  };
}

function chatRequestValidator(path: string): ValidateFunction {
  const ajv = new Ajv({ strict: false, logger: false });
  ajv.addSchema(parse(readFileSync(path, 'utf8'), { maxAliasCount: -1 }), 'openrouter');
  return ajv.compile({ $ref: 'openrouter#/components/schemas/ChatRequest' });
}
