/** USD per token, as decimal texts. */
interface ModelPricing {
  readonly prompt: string;
  readonly completion: string;
  /** For the beginning of a prompt that the provider has cached; absent if it caches none. */
  readonly input_cache_read?: string;
  /** For a beginning that is being cached; absent if that costs no more than the prompt. */
  readonly input_cache_write?: string;
}

export type CatalogueModel = Readonly<ReturnType<typeof catalogueModel>>;

interface ModelEntry {
  readonly id: string;
  readonly name: string;
  /** Unix seconds. */
  readonly created: number;
  readonly contextLength: number;
  readonly maxCompletionTokens: number;
  readonly inputs: readonly string[];
  /** @default text alone */
  readonly outputs?: readonly string[];
  /** @default all */
  readonly parameters?: readonly string[];
  readonly tokenizer: string;
  readonly pricing: ModelPricing;
}

const PLAIN_PARAMETERS = ['max_tokens', 'seed', 'stop', 'temperature', 'top_p'];
const JSON_PARAMETERS = [...PLAIN_PARAMETERS, 'response_format', 'structured_outputs'];
/** What the models of the catalogue know of a request, by the API's names. */
export const ALL_PARAMETERS = [...JSON_PARAMETERS, 'include_reasoning', 'reasoning'].toSorted();

const DOCUMENT_INPUTS = ['text', 'image', 'file'];
const CLAUDE = { maxCompletionTokens: 64_000, inputs: DOCUMENT_INPUTS, tokenizer: 'Claude' };
const GPT_5 = { contextLength: 400_000, maxCompletionTokens: 128_000, inputs: DOCUMENT_INPUTS, tokenizer: 'GPT' };
const GEMINI_FLASH_PRICING = { prompt: '0.0000003', completion: '0.0000025', input_cache_read: '0.00000003' };

/** Prices are plausible, not current. */
const MODELS: readonly ModelEntry[] = [
  {
    ...CLAUDE,
    id: 'anthropic/claude-sonnet-4.5',
    name: 'Anthropic: Claude Sonnet 4.5',
    created: 1_759_161_676,
    contextLength: 1_000_000,
    pricing: {
      prompt: '0.000003',
      completion: '0.000015',
      input_cache_read: '0.0000003',
      input_cache_write: '0.00000375',
    },
  },
  {
    ...CLAUDE,
    id: 'anthropic/claude-haiku-4.5',
    name: 'Anthropic: Claude Haiku 4.5',
    created: 1_760_547_638,
    contextLength: 200_000,
    pricing: {
      prompt: '0.000001',
      completion: '0.000005',
      input_cache_read: '0.0000001',
      input_cache_write: '0.00000125',
    },
  },
  {
    ...GPT_5,
    id: 'openai/gpt-5',
    name: 'OpenAI: GPT-5',
    created: 1_754_587_413,
    pricing: { prompt: '0.00000125', completion: '0.00001', input_cache_read: '0.000000125' },
  },
  {
    ...GPT_5,
    id: 'openai/gpt-5-mini',
    name: 'OpenAI: GPT-5 Mini',
    created: 1_754_587_407,
    pricing: { prompt: '0.00000025', completion: '0.000002', input_cache_read: '0.000000025' },
  },
  {
    id: 'google/gemini-2.5-flash',
    name: 'Google: Gemini 2.5 Flash',
    created: 1_750_172_488,
    contextLength: 1_048_576,
    maxCompletionTokens: 65_535,
    inputs: ['text', 'image', 'file', 'audio', 'video'],
    tokenizer: 'Gemini',
    pricing: GEMINI_FLASH_PRICING,
  },
  {
    id: 'meta-llama/llama-3.3-70b-instruct:free',
    name: 'Meta: Llama 3.3 70B Instruct (free)',
    created: 1_733_506_137,
    contextLength: 131_072,
    maxCompletionTokens: 16_384,
    inputs: ['text'],
    tokenizer: 'Llama3',
    pricing: { prompt: '0', completion: '0' },
  },
  {
    id: 'google/gemma-2-9b-it',
    name: 'Google: Gemma 2 9B',
    created: 1_719_532_800,
    contextLength: 8_192,
    maxCompletionTokens: 8_192,
    inputs: ['text'],
    parameters: JSON_PARAMETERS,
    tokenizer: 'Gemini',
    pricing: { prompt: '0.00000003', completion: '0.00000009' },
  },
  {
    id: 'microsoft/phi-4',
    name: 'Microsoft: Phi 4',
    created: 1_736_489_872,
    contextLength: 16_384,
    maxCompletionTokens: 16_384,
    inputs: ['text'],
    parameters: PLAIN_PARAMETERS,
    tokenizer: 'Other',
    pricing: { prompt: '0.00000006', completion: '0.00000014' },
  },
  {
    id: 'openai/gpt-audio-mini',
    name: 'OpenAI: GPT Audio Mini',
    created: 1_768_859_419,
    contextLength: 128_000,
    maxCompletionTokens: 16_384,
    inputs: ['text', 'audio'],
    parameters: JSON_PARAMETERS,
    tokenizer: 'GPT',
    pricing: { prompt: '0.0000006', completion: '0.0000024' },
  },
  {
    id: 'google/gemini-2.5-flash-image',
    name: 'Google: Gemini 2.5 Flash Image',
    created: 1_759_870_431,
    contextLength: 32_768,
    maxCompletionTokens: 32_768,
    inputs: ['image', 'text'],
    outputs: ['image', 'text'],
    parameters: JSON_PARAMETERS,
    tokenizer: 'Gemini',
    pricing: GEMINI_FLASH_PRICING,
  },
];

/** The models that the simulator knows, as `GET /models` lists them. */
export const CATALOGUE = MODELS.map(catalogueModel);

/** Exact ids only: variants and aliases are models of their own. */
export function findModel(id: string): CatalogueModel | undefined {
  return CATALOGUE.find((model) => model.id === id);
}

/** One entry of `GET /models`, in the API's own shape. */
export function catalogueModel(facts: ModelEntry) {
  const { inputs, outputs = ['text'] } = facts;
  return {
    id: facts.id,
    canonical_slug: facts.id,
    name: facts.name,
    created: facts.created,
    context_length: facts.contextLength,
    architecture: {
      modality: `${inputs.join('+')}->${outputs.join('+')}`,
      input_modalities: inputs,
      output_modalities: outputs,
      tokenizer: facts.tokenizer,
      instruct_type: null,
    },
    pricing: facts.pricing,
    top_provider: {
      context_length: facts.contextLength,
      max_completion_tokens: facts.maxCompletionTokens,
      is_moderated: false,
    },
    per_request_limits: null,
    supported_parameters: facts.parameters ?? ALL_PARAMETERS,
    default_parameters: null,
    supported_voices: null,
    links: { details: `/api/v1/models/${facts.id}/endpoints` },
  };
}
