import { UsageError } from '../domain/errors.ts';
import type { JsonRecord } from '../lib/json.ts';
import { didYouMean, nearestOf } from '../lib/text.ts';
import { CATALOGUE, type CatalogueModel, catalogueModel } from './catalogue.ts';
import { SAYS, type Says } from './profile-sayings.ts';

/** One API as the simulator plays it: a row of data. What a client expects of an API is not read from here. */
export interface Profile {
  readonly name: string;
  /** The path below which it serves; `/chat/completions` is added to it. */
  readonly path: string;
  /** One of them answers whatever model is named, if `anyModel`. */
  readonly models: readonly CatalogueModel[];
  readonly anyModel?: true;
  /** Whether a call without a key is refused. */
  readonly needsKey: boolean;
  /** Fields of a request that it takes beside the usual ones; null: it passes over what it does not know. */
  readonly takes: readonly string[] | null;
  /** Usual fields that it does not take. */
  readonly lacks?: readonly string[];
  /** Its names for a field that it refuses by its usual name. */
  readonly renames?: Readonly<Record<string, string>>;
  /** Fields that take their default alone. */
  readonly fixed?: readonly string[];
  readonly formats: readonly ('json_object' | 'json_schema')[];
  /** It takes any format, and answers in prose. */
  readonly ignoresFormat?: true;
  readonly parts: readonly ('image' | 'file' | 'audio')[];
  /** What `max_tokens` may not exceed: the longest answer, or what the prompt leaves of the context. */
  readonly tokenLimit: 'output' | 'context' | null;
  /** What becomes of a prompt over the context. */
  readonly overflow: 'refused' | 'cut' | 'swallowed';
  readonly errors: ErrorForm;
  readonly says: Says;
  /** Where a 429 tells its wait, beside the places of its sentence. */
  readonly waits: readonly WaitPlace[];
  /** Whether a streamed reply tells its usage unasked: with the end of the answer. */
  readonly usage: 'always' | 'asked';
  /** The name under which it tells what the model thought; null: it does not. */
  readonly thinking: 'reasoning' | 'reasoning_content' | null;
  /** What its usage has beside the counts of tokens. */
  readonly usageForm?: 'ticks' | 'cache-hits';
  /** What it sends while a model works. */
  readonly keepAlive?: string;
  /** The chunk before a streamed answer. */
  readonly opening?: JsonRecord;
  /** Its word for the end of a whole answer. @default stop */
  readonly stopWord?: string;
  readonly listing: Listing | null;
}

export type ErrorForm =
  | 'openrouter'
  | 'openai'
  | 'google'
  | 'mistral'
  | 'flat'
  | 'fireworks'
  | 'xai'
  | 'text'
  | 'llamacpp'
  | 'vllm'
  | 'aws';

export type WaitPlace = 'retry-after' | 'retry-after-ms' | 'retry-info' | 'ratelimit-reset' | 'anthropic-reset';

/** How `GET /models` lists: a bare array or not, and where a model's context stands. */
interface Listing {
  readonly bare?: true;
  readonly prefix?: string;
  readonly context?: 'context_length' | 'context_window' | 'max_context_length' | 'max_model_len';
  /** USD per million tokens. */
  readonly prices?: true;
}

type Row = Pick<Profile, 'name' | 'models'> & Partial<Profile>;

/** What most APIs have in common; a row says what is otherwise. */
const COMMON = {
  path: '/v1',
  needsKey: true,
  takes: null,
  formats: ['json_object', 'json_schema'],
  parts: ['image'],
  tokenLimit: null,
  overflow: 'refused',
  errors: 'openai',
  waits: [],
  usage: 'asked',
  thinking: null,
  listing: {},
} as const satisfies Partial<Profile>;

const OPENAI_LIKE = {
  takes: ['max_completion_tokens', 'stream_options', 'reasoning_effort', 'service_tier', 'metadata', 'store'],
  renames: { max_tokens: 'max_completion_tokens' },
  fixed: ['temperature', 'top_p'],
  parts: ['image', 'file', 'audio'],
  tokenLimit: 'output',
  waits: ['retry-after', 'retry-after-ms'],
} as const satisfies Partial<Profile>;

const ROWS: readonly Row[] = [
  {
    name: 'openrouter',
    path: '/api/v1',
    models: CATALOGUE,
    needsKey: false,
    parts: ['image', 'file', 'audio'],
    errors: 'openrouter',
    usage: 'always',
    thinking: 'reasoning',
  },
  { ...OPENAI_LIKE, name: 'openai', models: [model('gpt-5-mini', 400_000, 128_000, [0.25, 2])] },
  {
    name: 'gemini',
    path: '/v1beta/openai',
    models: [model('gemini-2.5-flash', 1_048_576, 65_536, [0.3, 2.5]), model('gemma-3-27b-it', 131_072, 8_192)],
    takes: ['max_completion_tokens', 'stream_options', 'reasoning_effort', 'extra_body', 'modalities'],
    lacks: ['frequency_penalty', 'presence_penalty', 'seed'],
    parts: ['image', 'audio'],
    errors: 'google',
    waits: ['retry-info'],
    listing: { prefix: 'models/' },
  },
  {
    name: 'mistral',
    models: [model('mistral-small-latest', 131_072, 131_072, [0.1, 0.3])],
    takes: ['random_seed', 'safe_prompt', 'prompt_mode', 'prediction', 'metadata'],
    lacks: ['seed', 'logit_bias', 'user', 'logprobs', 'top_logprobs'],
    tokenLimit: 'context',
    errors: 'mistral',
    usage: 'always',
    listing: { context: 'max_context_length' },
  },
  {
    name: 'groq',
    path: '/openai/v1',
    models: [model('llama-3.3-70b-versatile', 131_072, 32_768, [0.59, 0.79])],
    takes: ['max_completion_tokens', 'stream_options', 'reasoning_effort', 'reasoning_format', 'service_tier'],
    tokenLimit: 'output',
    waits: ['retry-after'],
    thinking: 'reasoning',
    listing: { context: 'context_window' },
  },
  {
    name: 'deepseek',
    models: [model('deepseek-chat', 131_072, 8_192, [0.28, 0.42])],
    formats: ['json_object'],
    parts: [],
    tokenLimit: 'output',
    usage: 'always',
    usageForm: 'cache-hits',
    keepAlive: ': keep-alive\n\n',
    thinking: 'reasoning_content',
  },
  {
    name: 'xai',
    models: [model('grok-4', 256_000, 256_000, [3, 15])],
    fixed: ['presence_penalty', 'frequency_penalty', 'stop'],
    errors: 'xai',
    usage: 'always',
    usageForm: 'ticks',
    thinking: 'reasoning_content',
  },
  {
    name: 'anthropic',
    models: [model('claude-sonnet-4-5', 200_000, 64_000, [3, 15])],
    ignoresFormat: true,
    tokenLimit: 'output',
    waits: ['retry-after', 'anthropic-reset'],
  },
  {
    name: 'cerebras',
    models: [model('llama3.1-8b', 32_768, 8_192, [0.1, 0.1])],
    takes: ['max_completion_tokens', 'stream_options', 'reasoning_effort', 'service_tier'],
    lacks: ['frequency_penalty', 'presence_penalty', 'logit_bias'],
    parts: [],
    errors: 'flat',
    waits: ['retry-after'],
    usage: 'always',
    thinking: 'reasoning',
  },
  {
    name: 'together',
    models: [model('meta-llama/Llama-3.3-70B-Instruct-Turbo', 131_072, 131_072, [0.88, 0.88])],
    tokenLimit: 'context',
    waits: ['ratelimit-reset'],
    usage: 'always',
    thinking: 'reasoning',
    stopWord: 'eos',
    listing: { bare: true, context: 'context_length', prices: true },
  },
  {
    name: 'fireworks',
    path: '/inference/v1',
    models: [model('accounts/fireworks/models/llama-v3p3-70b-instruct', 131_072, 131_072, [0.9, 0.9])],
    takes: ['reasoning_effort', 'top_k', 'prompt_truncate_len', 'max_completion_tokens'],
    errors: 'fireworks',
    usage: 'always',
    thinking: 'reasoning_content',
    listing: { context: 'context_length' },
  },
  {
    name: 'lmstudio',
    models: [model('qwen2.5-7b-instruct', 8_192, 8_192)],
    needsKey: false,
    formats: ['json_schema'],
    overflow: 'swallowed',
    errors: 'text',
    thinking: 'reasoning_content',
  },
  {
    name: 'llamacpp',
    models: [model('qwen2.5-7b-instruct-q4_k_m.gguf', 8_192, 8_192)],
    anyModel: true,
    needsKey: false,
    errors: 'llamacpp',
    usage: 'always',
    thinking: 'reasoning_content',
  },
  {
    name: 'vllm',
    models: [model('Qwen/Qwen2.5-7B-Instruct', 32_768, 32_768)],
    needsKey: false,
    parts: ['image', 'audio'],
    tokenLimit: 'context',
    errors: 'vllm',
    thinking: 'reasoning_content',
    listing: { context: 'max_model_len' },
  },
  {
    name: 'ollama',
    models: [model('llama3.2:latest', 4_096, 131_072)],
    needsKey: false,
    overflow: 'cut',
    thinking: 'reasoning',
  },
  {
    ...OPENAI_LIKE,
    name: 'azure',
    path: '/openai/v1',
    models: [model('my-deployment', 400_000, 128_000, [0.25, 2])],
    opening: { id: '', object: '', created: 0, model: '', choices: [], prompt_filter_results: [{ prompt_index: 0 }] },
  },
  {
    name: 'bedrock',
    path: '/openai/v1',
    models: [model('openai.gpt-oss-120b-1:0', 128_000, 32_768, [0.15, 0.6])],
    parts: [],
    tokenLimit: 'output',
    errors: 'aws',
    listing: null,
  },
];

export const PROFILE_NAMES: readonly string[] = ROWS.map(({ name }) => name);

/** Throws `UsageError` with the names that there are. */
export function profileOf(name: string): Profile {
  const row = ROWS.find((known) => known.name === name);
  if (row !== undefined) return { ...COMMON, ...row, says: SAYS.get(name) ?? {} };
  const names = PROFILE_NAMES.join(', ');
  const hint = didYouMean(nearestOf(name, PROFILE_NAMES, 1));
  throw new UsageError(`The simulator cannot play ${JSON.stringify(name)}: it plays ${names}.${hint}`);
}

/** Prices are USD per million tokens; a server of one's own costs nothing. */
function model(
  id: string,
  contextLength: number,
  maxCompletionTokens: number,
  [prompt, completion]: readonly [number, number] = [0, 0],
): CatalogueModel {
  return catalogueModel({
    id,
    name: id,
    created: 1_750_000_000,
    contextLength,
    maxCompletionTokens,
    inputs: ['text', 'image', 'file', 'audio'],
    tokenizer: 'Other',
    pricing: { prompt: perToken(prompt), completion: perToken(completion) },
  });
}

function perToken(price: number): string {
  return (price / 1_000_000).toFixed(12).replace(/\.?0+$/, '');
}
