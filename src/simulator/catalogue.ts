interface Pricing {
  /** USD per token, as decimal texts. */
  readonly prompt: string;
  readonly completion: string;
}

/** One entry of `GET /models`, in the API's own shape. */
export interface CatalogueModel {
  readonly id: string;
  readonly canonical_slug: string;
  readonly name: string;
  /** Unix seconds. */
  readonly created: number;
  readonly context_length: number;
  readonly architecture: {
    readonly modality: string;
    readonly input_modalities: readonly string[];
    readonly output_modalities: readonly string[];
    readonly tokenizer: string;
    readonly instruct_type: null;
  };
  readonly pricing: Pricing;
  readonly top_provider: {
    readonly context_length: number;
    readonly max_completion_tokens: number;
    readonly is_moderated: boolean;
  };
  readonly per_request_limits: null;
  readonly supported_parameters: readonly string[];
  readonly default_parameters: null;
  readonly supported_voices: null;
  readonly links: { readonly details: string };
}

interface ModelFacts {
  readonly id: string;
  readonly name: string;
  readonly created: number;
  readonly contextLength: number;
  readonly maxCompletionTokens: number;
  readonly inputs: readonly string[];
  readonly tokenizer: string;
  readonly pricing: Pricing;
}

const SUPPORTED_PARAMETERS = [
  'include_reasoning',
  'max_tokens',
  'reasoning',
  'response_format',
  'seed',
  'stop',
  'structured_outputs',
  'temperature',
  'top_p',
];

/** The models that the simulator knows. Prices are plausible, not current. */
export const CATALOGUE: readonly CatalogueModel[] = [
  catalogueModel({
    id: 'anthropic/claude-sonnet-4.5',
    name: 'Anthropic: Claude Sonnet 4.5',
    created: 1_759_161_676,
    contextLength: 1_000_000,
    maxCompletionTokens: 64_000,
    inputs: ['text', 'image', 'file'],
    tokenizer: 'Claude',
    pricing: { prompt: '0.000003', completion: '0.000015' },
  }),
  catalogueModel({
    id: 'anthropic/claude-haiku-4.5',
    name: 'Anthropic: Claude Haiku 4.5',
    created: 1_760_547_638,
    contextLength: 200_000,
    maxCompletionTokens: 64_000,
    inputs: ['text', 'image', 'file'],
    tokenizer: 'Claude',
    pricing: { prompt: '0.000001', completion: '0.000005' },
  }),
  catalogueModel({
    id: 'openai/gpt-5',
    name: 'OpenAI: GPT-5',
    created: 1_754_587_413,
    contextLength: 400_000,
    maxCompletionTokens: 128_000,
    inputs: ['text', 'image', 'file'],
    tokenizer: 'GPT',
    pricing: { prompt: '0.00000125', completion: '0.00001' },
  }),
  catalogueModel({
    id: 'openai/gpt-5-mini',
    name: 'OpenAI: GPT-5 Mini',
    created: 1_754_587_407,
    contextLength: 400_000,
    maxCompletionTokens: 128_000,
    inputs: ['text', 'image', 'file'],
    tokenizer: 'GPT',
    pricing: { prompt: '0.00000025', completion: '0.000002' },
  }),
  catalogueModel({
    id: 'google/gemini-2.5-flash',
    name: 'Google: Gemini 2.5 Flash',
    created: 1_750_172_488,
    contextLength: 1_048_576,
    maxCompletionTokens: 65_535,
    inputs: ['text', 'image', 'file', 'audio', 'video'],
    tokenizer: 'Gemini',
    pricing: { prompt: '0.0000003', completion: '0.0000025' },
  }),
  catalogueModel({
    id: 'meta-llama/llama-3.3-70b-instruct:free',
    name: 'Meta: Llama 3.3 70B Instruct (free)',
    created: 1_733_506_137,
    contextLength: 131_072,
    maxCompletionTokens: 16_384,
    inputs: ['text'],
    tokenizer: 'Llama3',
    pricing: { prompt: '0', completion: '0' },
  }),
];

/** Exact ids only: variants and aliases are models of their own. */
export function findModel(id: string): CatalogueModel | undefined {
  return CATALOGUE.find((model) => model.id === id);
}

/** Any model but the one asked for. */
export function anotherModel(id: string): CatalogueModel | undefined {
  return CATALOGUE.find((model) => model.id !== id);
}

function catalogueModel(facts: ModelFacts): CatalogueModel {
  return {
    id: facts.id,
    canonical_slug: facts.id,
    name: facts.name,
    created: facts.created,
    context_length: facts.contextLength,
    architecture: {
      modality: `${facts.inputs.join('+')}->text`,
      input_modalities: facts.inputs,
      output_modalities: ['text'],
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
    supported_parameters: SUPPORTED_PARAMETERS,
    default_parameters: null,
    supported_voices: null,
    links: { details: `/api/v1/models/${facts.id}/endpoints` },
  };
}
