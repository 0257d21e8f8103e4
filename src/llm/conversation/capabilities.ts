import type { ModelFacts, Models, Takes } from '../../domain/models.ts';
import type { OutputRules, PdfEngine } from '../../domain/recipe.ts';
import type { ChatMessage, Prompt } from '../../domain/request.ts';
import { asObject, isRecord, type JsonRecord } from '../../lib/json.ts';
import { CannotAskError, inputsOf, pluginsOf, textsOf, withField } from './prompt.ts';

/** Rejects with CannotAskError if the model, or the API, is known not to take all of a prompt. Its stand-ins are not looked at. */
export async function requireInputs(models: Models, prompt: Prompt, facts: ModelFacts | null): Promise<void> {
  const needed = inputsOf(prompt);
  const taken = facts?.inputs ?? models.inputs;
  // An API may read PDFs for its models.
  const missing = taken === null ? [] : needed.filter((input) => input !== 'file' && !taken.includes(input));
  if (missing.length === 0) return;
  const able = await models.taking(needed);
  const named = able.length === 0 ? '' : `: ${able.join(', ')}`;
  throw unsupported(
    `${prompt.model} takes no ${missing.join(' and no ')} input. Name a model in the recipe that does${named}`,
  );
}

/** How PDFs are read of which the recipe says nothing: here, for an API that is not known to take them; null: see `withPdfEngine`. */
export function unsaidPdfEngine({ routes, inputs }: Takes): 'text' | null {
  return routes || inputs?.includes('file') === true ? null : 'text';
}

/**
 * The prompt with the engine that reads its PDFs: what the recipe says; else the model itself if it takes files; else
 * the free one. The one that is paid for by the page is used only if the recipe names it.
 *
 * @throws CannotAskError if the engine cannot read them.
 */
export function withPdfEngine(
  prompt: Prompt,
  engine: PdfEngine | null,
  { routes }: Takes,
  facts: ModelFacts | null,
): Prompt {
  if (engine === 'text' || !inputsOf(prompt).includes('file')) return prompt;
  const inputs = facts?.inputs ?? null;
  const chosen = engine ?? (!routes || inputs?.includes('file') === true ? 'native' : 'cloudflare-ai');
  if (chosen === 'native' && inputs !== null && !inputs.includes('file')) {
    const advice = routes ? 'sluice.pdf: cloudflare-ai or sluice.pdf: text' : 'sluice.pdf: text';
    throw unsupported(`${prompt.model} takes no PDFs. Set ${advice} in the recipe, or name a model that does`);
  }
  if (routes) return withFileParser(prompt, chosen);
  if (chosen === 'native') return prompt;
  throw unsupported(
    `This API has no PDF engine ${chosen}: set sluice.pdf: text in the recipe, or native where the model takes files`,
  );
}

function unsupported(reason: string): CannotAskError {
  return new CannotAskError('unsupported-input', reason);
}

/**
 * With one entry of that plugin, which names the engine, beside all else that the recipe says of it. Of an entry that
 * names none, or that is turned off, the API makes what it likes: for some models, the engine that is paid for.
 */
function withFileParser(prompt: Prompt, engine: PdfEngine): Prompt {
  const plugins = pluginsOf(prompt);
  const others = plugins.filter((plugin) => !isFileParser(plugin));
  const own = plugins.filter(isFileParser).find(({ enabled }) => enabled !== false);
  const pdf = { ...asObject(own?.['pdf']), engine };
  return withField(prompt, 'plugins', [...others, { ...own, id: 'file-parser', pdf }]);
}

function isFileParser(plugin: unknown): plugin is JsonRecord {
  return isRecord(plugin) && plugin['id'] === 'file-parser';
}

/**
 * The prompt with what holds the model to JSON: as far as API and model take that, and else in words.
 *
 * @param held false if an answer is to go on with one that was cut: held to a form, a provider begins a new one instead
 */
export function withResponseFormat(
  prompt: Prompt,
  { format, schema }: OutputRules,
  { routes, jsonSchema, jsonObject }: Takes,
  facts: ModelFacts | null,
  held: boolean,
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

/** The prompt with a text at the end of its instructions: of its first system message, or of one that is added. */
function withInstruction(prompt: Prompt, text: string): Prompt {
  const index = prompt.messages.findIndex(({ role }) => role === 'system');
  const system = prompt.messages[index];
  if (system === undefined) return { ...prompt, messages: [{ role: 'system', content: text }, ...prompt.messages] };
  const { content } = system;
  const extended: ChatMessage['content'] =
    typeof content === 'string' ? `${content}\n\n${text}` : [...content, { kind: 'text', text }];
  return { ...prompt, messages: prompt.messages.with(index, { ...system, content: extended }) };
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
