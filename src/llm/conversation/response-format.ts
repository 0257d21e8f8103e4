import type { ModelFacts, Models } from '../../domain/models.ts';
import type { OutputRules } from '../../domain/recipe.ts';
import type { Prompt } from '../../domain/request.ts';
import { asObject, isRecord, type JsonRecord } from '../../lib/json.ts';
import { textsOf, withField, withInstruction } from './prompt.ts';

interface FormatSettings extends Pick<Models, 'routes' | 'jsonSchema' | 'jsonObject'> {
  readonly facts: ModelFacts | null;
  /** False if an answer is to go on with one that was cut: held to a form, a provider begins a new one instead. */
  readonly held: boolean;
}

/** The prompt with what holds the model to JSON: as far as API and model take that, and else in words. */
export function withResponseFormat(
  prompt: Prompt,
  { format, schema }: OutputRules,
  { routes, jsonSchema, jsonObject, facts, held }: FormatSettings,
): Prompt {
  if (format !== 'json') return prompt;
  const bindable = (facts?.structuredOutputs ?? jsonSchema) ? schema : null;
  const worded = bindable === null ? inWords(prompt, schema) : prompt;
  if (!held) return worded;
  if (bindable === null) return jsonObject ? withField(worded, 'response_format', { type: 'json_object' }) : worded;
  const bound = withField(prompt, 'response_format', {
    type: 'json_schema',
    json_schema: { name: 'answer', strict: isStrictSchema(bindable), schema: bindable },
  });
  if (!routes) return bound;
  // Without `require_parameters`, a provider that knows no schemas drops the field, and says nothing. With it, none is
  // found if the model does not take another field of the body, such as how long to think.
  const provider = { require_parameters: true, ...asObject(prompt.fields?.['provider']) };
  return { ...withField(bound, 'provider', provider), ...(facts?.reasoning === false && { reasons: false }) };
}

/** APIs refuse `json_object` if the word is nowhere in the prompt. In the document it may stand by chance. */
function inWords(prompt: Prompt, schema: JsonRecord | null): Prompt {
  if (schema !== null) {
    const asked = 'Answer with JSON alone, which satisfies this JSON Schema:';
    return withInstruction(prompt, `${asked}\n${JSON.stringify(schema)}`);
  }
  const instructions = prompt.messages.filter(({ role }) => role === 'system');
  const speaksOfJson = textsOf({ messages: instructions }).some((text) => /json/i.test(text));
  return speaksOfJson ? prompt : withInstruction(prompt, 'Answer with JSON alone.');
}

/** What APIs refuse in a schema that is to hold strictly (OpenAI, structured outputs: supported schemas). */
const LOOSE_KEYWORDS = ['allOf', 'oneOf', 'not', 'if', 'patternProperties', 'dependentRequired', 'dependentSchemas'];

const SAYS_WHAT_IT_IS = ['type', '$ref', 'anyOf'];

/**
 * Whether a schema can be held to strictly: each value has a type, or is one of several; every object names all its
 * properties, requires them, and has no others; every array says what it holds.
 */
export function isStrictSchema(schema: JsonRecord): boolean {
  return isOf('object', schema) && isStrict(schema);
}

function isStrict(node: unknown): boolean {
  if (!isRecord(node) || !SAYS_WHAT_IT_IS.some((keyword) => keyword in node)) return false;
  if (LOOSE_KEYWORDS.some((keyword) => keyword in node)) return false;
  if ((isOf('object', node) || 'properties' in node) && !isClosed(node)) return false;
  if (isOf('array', node) && node['items'] === undefined) return false;
  return childrenOf(node).every(isStrict);
}

function isOf(kind: 'object' | 'array', { type }: JsonRecord): boolean {
  return type === kind || (Array.isArray(type) && type.includes(kind));
}

function isClosed({ additionalProperties, properties, required }: JsonRecord): boolean {
  const names = Object.keys(asObject(properties));
  return additionalProperties === false && Array.isArray(required) && names.every((name) => required.includes(name));
}

function childrenOf({ properties, $defs, definitions, items, prefixItems, anyOf }: JsonRecord): readonly unknown[] {
  const named = [properties, $defs, definitions].flatMap((map) => Object.values(asObject(map)));
  const listed = [items, prefixItems, anyOf].filter((nodes) => nodes !== undefined).flat();
  return [...named, ...listed];
}
