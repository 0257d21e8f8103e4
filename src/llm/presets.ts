import type { Takes } from '../domain/models.ts';
import { DEFAULT_MAX_TOKENS } from '../domain/options.ts';

/** An API that takes chat completions: what is sent to it, and what it tells. docs/apis.md says where that is known from. */
export interface Preset extends Takes {
  readonly name: string;
  /**
   * Without a trailing slash; `/chat/completions` is added to it. Empty for the simulator, until its port is known. Words
   * in capitals stand for what each account has of its own.
   */
  readonly baseUrl: string;
  /** A base URL is this API's if its host is one of these, with https; `*` is any name, `localhost` this machine. */
  readonly hosts: readonly string[];
  /** Sent to those hosts alone; the first one that is set counts. */
  readonly keyVariables: readonly string[];
  /** There is no default model for it. */
  readonly needsModel: boolean;
  readonly maxTokensField: 'max_tokens' | 'max_completion_tokens';
  /** The longest answer if none is said. */
  readonly maxTokens: number;
  /** Where it takes how long a model may think; null: nowhere. */
  readonly effortField: 'reasoning' | 'reasoning_effort' | null;
  /** How long a model may think if nothing is said; null: that is left to the API. */
  readonly defaultEffort: 'high' | null;
  /** It counts the tokens of a streamed answer only when asked to. OpenRouter always does. */
  readonly asksForUsage: boolean;
  /** `usage.cost` is what a call cost, in USD: in replies of other APIs it may be in any currency. */
  readonly costsAreUsd: boolean;
  /** A server of one's own: a call costs nothing where nothing else is told. */
  readonly free: boolean;
  /** The command that starts it on this machine; null where none is known. */
  readonly startedBy: string | null;
}

const TEXT = ['text'] as const;
const IMAGES = ['text', 'image'] as const;
const SOUND = ['text', 'image', 'audio'] as const;
const FILES = ['text', 'image', 'audio', 'file'] as const;

/** What each API is sent that is not known to differ: fields that all take. */
export const CORE: Preset = {
  name: 'custom',
  baseUrl: '',
  hosts: [],
  keyVariables: [],
  needsModel: true,
  maxTokensField: 'max_tokens',
  maxTokens: DEFAULT_MAX_TOKENS,
  effortField: 'reasoning_effort',
  defaultEffort: null,
  asksForUsage: true,
  costsAreUsd: false,
  free: false,
  startedBy: null,
  routes: false,
  inputs: null,
  jsonSchema: true,
  jsonObject: true,
  context: 'models',
};

/** Servers of one's own: with less memory than a company has. Their keys are their owner's. */
const LOCAL: Preset = { ...CORE, maxTokens: 8000, inputs: IMAGES, free: true };

/** An API of a company, which takes a key of its own. */
function hosted(name: string, baseUrl: string, ...keyVariables: readonly string[]): Preset {
  return { ...CORE, name, baseUrl, hosts: [new URL(baseUrl).host], keyVariables };
}

const OPENROUTER: Preset = {
  ...hosted('openrouter', 'https://openrouter.ai/api/v1', 'OPENROUTER_API_KEY'),
  needsModel: false,
  effortField: 'reasoning',
  defaultEffort: 'high',
  asksForUsage: false,
  costsAreUsd: true,
  routes: true,
};

const OPENAI: Preset = {
  ...hosted('openai', 'https://api.openai.com/v1', 'OPENAI_API_KEY'),
  maxTokensField: 'max_completion_tokens',
  inputs: FILES,
  context: null,
};

/** In the order in which people read of them. */
export const PRESETS: readonly Preset[] = [
  OPENROUTER,
  OPENAI,
  {
    ...hosted('anthropic', 'https://api.anthropic.com/v1', 'ANTHROPIC_API_KEY'),
    maxTokens: 32_000,
    // It ignores how long to think, and forms of answers.
    effortField: null,
    jsonSchema: false,
    jsonObject: false,
    inputs: IMAGES,
    context: null,
  },
  {
    ...hosted('gemini', 'https://generativelanguage.googleapis.com/v1beta/openai', 'GEMINI_API_KEY', 'GOOGLE_API_KEY'),
    inputs: SOUND,
  },
  {
    ...hosted('mistral', 'https://api.mistral.ai/v1', 'MISTRAL_API_KEY'),
    maxTokens: 16_000,
    // It refuses to be asked, and tells it all the same.
    asksForUsage: false,
    inputs: IMAGES,
  },
  {
    ...hosted('groq', 'https://api.groq.com/openai/v1', 'GROQ_API_KEY'),
    maxTokensField: 'max_completion_tokens',
    // Its limit of tokens a minute counts what an answer may have.
    maxTokens: 8000,
    // Not while it streams.
    jsonSchema: false,
    jsonObject: false,
    inputs: IMAGES,
  },
  {
    ...hosted('deepseek', 'https://api.deepseek.com/v1', 'DEEPSEEK_API_KEY'),
    // Of some of its models, 8,192 is the most.
    maxTokens: 8000,
    jsonSchema: false,
    inputs: TEXT,
    context: null,
  },
  {
    ...hosted('xai', 'https://api.x.ai/v1', 'XAI_API_KEY'),
    hosts: ['api.x.ai', '*.api.x.ai'],
    inputs: IMAGES,
  },
  {
    ...hosted('cerebras', 'https://api.cerebras.ai/v1', 'CEREBRAS_API_KEY'),
    maxTokensField: 'max_completion_tokens',
    maxTokens: 8000,
    inputs: TEXT,
  },
  {
    ...hosted('together', 'https://api.together.xyz/v1', 'TOGETHER_API_KEY'),
    hosts: ['api.together.xyz', 'api.together.ai'],
    maxTokens: 16_000,
    inputs: IMAGES,
  },
  {
    ...hosted('fireworks', 'https://api.fireworks.ai/inference/v1', 'FIREWORKS_API_KEY'),
    maxTokens: 16_000,
    inputs: IMAGES,
  },
  {
    ...OPENAI,
    name: 'azure',
    baseUrl: 'https://RESOURCE.openai.azure.com/openai/v1',
    hosts: ['*.openai.azure.com', '*.services.ai.azure.com', '*.cognitiveservices.azure.com'],
    keyVariables: ['AZURE_OPENAI_API_KEY'],
  },
  {
    ...CORE,
    name: 'bedrock',
    baseUrl: 'https://bedrock-runtime.REGION.amazonaws.com/openai/v1',
    hosts: ['bedrock-runtime.*.amazonaws.com', 'bedrock-mantle.*.api.aws'],
    keyVariables: ['AWS_BEARER_TOKEN_BEDROCK'],
    maxTokens: 16_000,
    // Some of its models take forms of answers, others refuse them.
    jsonSchema: false,
    jsonObject: false,
    inputs: IMAGES,
    context: null,
  },
  {
    ...LOCAL,
    name: 'ollama',
    baseUrl: 'http://127.0.0.1:11434/v1',
    hosts: ['localhost:11434'],
    startedBy: 'ollama serve',
    context: 'ollama',
  },
  {
    ...LOCAL,
    name: 'lmstudio',
    baseUrl: 'http://127.0.0.1:1234/v1',
    hosts: ['localhost:1234'],
    startedBy: 'lms server start',
    jsonObject: false,
    context: 'lmstudio',
  },
  // Their ports are those of many others, too: they are known by name alone.
  {
    ...LOCAL,
    name: 'llamacpp',
    baseUrl: 'http://127.0.0.1:8080/v1',
    startedBy: 'llama-server -m MODEL.gguf',
    inputs: SOUND,
    context: 'llamacpp',
  },
  { ...LOCAL, name: 'vllm', baseUrl: 'http://127.0.0.1:8000/v1', startedBy: 'vllm serve MODEL', inputs: SOUND },
  { ...OPENROUTER, name: 'simulator', baseUrl: '', hosts: [], keyVariables: [] },
];
