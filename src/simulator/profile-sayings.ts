/** What went wrong with a call. */
export type Cause =
  | 'key'
  | 'credit'
  | 'model'
  | 'field'
  | 'rename'
  | 'value'
  | 'format'
  | 'word'
  | 'part'
  | 'tokens'
  | 'long'
  | 'rate'
  | 'day';

interface Saying {
  readonly status: number;
  readonly type: string | null;
  readonly code: string | null;
  readonly param: string | null;
  readonly message: string;
}

export type Says = Readonly<Partial<Record<Cause, Saying>>>;

/**
 * What each API says of what went wrong, as vendors' pages and public reports of their users have it: the cause, the
 * status, the machine words (type, code, param; `-`: none), and the sentence, with places to fill in. A sentence about
 * `{seconds}` goes where no wait is known. `as openai`: what stands there counts where nothing else is said.
 */
const SAYINGS = `
## openai
key | 401 | invalid_request_error | invalid_api_key | - | Incorrect API key provided: bad-k***-key. You can find your API key at https://platform.openai.com/account/api-keys.
credit | 429 | insufficient_quota | insufficient_quota | - | You exceeded your current quota, please check your plan and billing details.
model | 404 | invalid_request_error | model_not_found | - | The model \`{model}\` does not exist or you do not have access to it.
field | 400 | invalid_request_error | - | - | Unrecognized request argument supplied: {field}
rename | 400 | invalid_request_error | unsupported_parameter | {field} | Unsupported parameter: '{field}' is not supported with this model. Use '{other}' instead.
value | 400 | invalid_request_error | unsupported_value | {field} | Unsupported value: '{field}' does not support {value} with this model. Only the default (1) value is supported.
word | 400 | invalid_request_error | - | messages | 'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.
tokens | 400 | invalid_request_error | invalid_value | max_tokens | max_tokens is too large: {asked}. This model supports at most {limit} completion tokens, whereas you provided {asked}.
long | 400 | invalid_request_error | context_length_exceeded | messages | This model's maximum context length is {limit} tokens. However, your messages resulted in {prompt} tokens. Please reduce the length of the messages.
rate | 429 | requests | rate_limit_exceeded | - | Rate limit reached for {model} on requests per min (RPM): Limit 3, Used 3, Requested 1. Please try again in {seconds}s.
day | 429 | requests | rate_limit_exceeded | - | Rate limit reached for {model} on requests per day (RPD): Limit {limit}, Used {limit}, Requested 1. Please try again in 7m12s.
## gemini
key | 400 | INVALID_ARGUMENT | API_KEY_INVALID | - | API key not valid. Please pass a valid API key.
credit | 429 | RESOURCE_EXHAUSTED | - | - | You exceeded your current quota, please check your plan and billing details.
model | 404 | NOT_FOUND | - | - | models/{model} is not found for API version v1main, or is not supported for generateContent. Call ListModels to see the list of available models and their supported methods.
field | 400 | INVALID_ARGUMENT | - | - | Invalid JSON payload received. Unknown name "{field}": Cannot find field.
part | 400 | INVALID_ARGUMENT | - | - | Invalid content part type: file
long | 400 | INVALID_ARGUMENT | - | - | The input token count ({prompt}) exceeds the maximum number of tokens allowed ({limit}).
rate | 429 | RESOURCE_EXHAUSTED | GenerateRequestsPerMinutePerProjectPerModel-FreeTier | - | You exceeded your current quota, please check your plan and billing details. * Quota exceeded for metric: generativelanguage.googleapis.com/generate_content_free_tier_requests, limit: 10, model: {model} Please retry in {seconds}s.
day | 429 | RESOURCE_EXHAUSTED | GenerateRequestsPerDayPerProjectPerModel-FreeTier | - | You exceeded your current quota, please check your plan and billing details. * Quota exceeded for metric: generativelanguage.googleapis.com/generate_content_free_tier_requests, limit: {limit}, model: {model} Please retry in 37.8s.
## mistral
key | 401 | - | - | - | Unauthorized
model | 400 | invalid_model | 1500 | - | Invalid model: {model}
field | 422 | extra_forbidden | - | - | Extra inputs are not permitted
part | 422 | union_tag_invalid | - | - | Input tag 'file' found using 'type' does not match any of the expected tags: 'text', 'image_url', 'document_url'
tokens | 422 | invalid_request_prompt | 3051 | - | Prompt contains {prompt} tokens and {asked} completion tokens, too large for model with {limit} maximum context length
long | 400 | invalid_request_prompt | 3051 | - | Prompt contains {prompt} tokens and 0 draft tokens, too large for model with {limit} maximum context length
rate | 429 | rate_limited | 1300 | - | Rate limit exceeded
## groq as openai
key | 401 | invalid_request_error | invalid_api_key | - | Invalid API Key
field | 400 | invalid_request_error | - | - | property '{field}' is unsupported
part | 400 | invalid_request_error | - | - | 'messages.1' : for 'role:user' the following must be satisfied[('messages.1.content' : one of the following must be satisfied[('messages.1.content.1.type' : value must be one of ["text" "image_url"])])]
tokens | 400 | invalid_request_error | - | max_tokens | \`max_tokens\` must be less than or equal to \`{limit}\`, the maximum value for \`max_tokens\` is less than the \`context_window\` for this model
long | 400 | invalid_request_error | context_length_exceeded | messages | Please reduce the length of the messages or completion.
rate | 429 | tokens | rate_limit_exceeded | - | Rate limit reached for model \`{model}\` in organization \`org_01\` service tier \`on_demand\` on tokens per minute (TPM): Limit 6000, Used 5034, Requested 1443. Please try again in {seconds}s. Need more tokens? Upgrade to Dev Tier today at https://console.groq.com/settings/billing
day | 429 | requests | rate_limit_exceeded | - | Rate limit reached for model \`{model}\` in organization \`org_01\` service tier \`on_demand\` on requests per day (RPD): Limit {limit}, Used {limit}, Requested 1. Please try again in 9m38.016s.
## deepseek as openai
key | 401 | authentication_error | invalid_request_error | - | Authentication Fails, Your api key: ****-key is invalid
credit | 402 | unknown_error | invalid_request_error | - | Insufficient Balance
model | 400 | invalid_request_error | invalid_request_error | - | Model Not Exist
format | 400 | invalid_request_error | invalid_request_error | - | This response_format type is unavailable now
part | 400 | invalid_request_error | invalid_request_error | - | Failed to deserialize the JSON body into the target type: messages[0]: unknown variant \`file\`, expected \`text\` at line 1 column 120
tokens | 400 | invalid_request_error | invalid_request_error | - | Invalid max_tokens value, the valid range of max_tokens is [1, {limit}]
long | 400 | invalid_request_error | invalid_request_error | - | This model's maximum context length is {limit} tokens. However, you requested {total} tokens ({prompt} in the messages, {asked} in the completion). Please reduce the length of the messages or completion.
rate | 429 | rate_limit_error | rate_limit_exceeded | - | Rate limit reached
## xai
key | 400 | Client specified an invalid argument | - | - | Incorrect API key provided: ba***ey. You can obtain an API key from https://console.x.ai.
credit | 429 | Some resource has been exhausted | - | - | Your team has either used all available credits or reached its monthly spending limit. To continue making API requests, please purchase more credits or raise your spending limit.
model | 404 | Some requested entity was not found | - | - | The model {model} does not exist or your team does not have access to it.
value | 400 | Client specified an invalid argument | - | - | Argument not supported on this model: {field}
part | 400 | Client specified an invalid argument | - | - | Failed to deserialize the JSON body into the target type: messages[0]: unknown variant \`file\`, expected \`text\` or \`image_url\`
long | 400 | Client specified an invalid argument | - | - | This model's maximum prompt length is {limit} but the request contains {prompt} tokens.
rate | 429 | Some resource has been exhausted | - | - | Too many requests for team: requests per second (RPS) exceeded.
## anthropic as openai
key | 401 | authentication_error | authentication_error | - | invalid x-api-key
credit | 400 | invalid_request_error | - | - | Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.
model | 404 | not_found_error | not_found_error | - | model: {model}
part | 400 | invalid_request_error | - | - | messages.0.content.1.type: Input should be "text" or "image_url"
tokens | 400 | invalid_request_error | - | - | max_tokens: {asked} > {limit}, which is the maximum allowed number of output tokens for {model}
long | 400 | invalid_request_error | - | - | prompt is too long: {prompt} tokens > {limit} maximum
rate | 429 | invalid_request_error | rate_limit_error | - | This request would exceed the rate limit for your organization of 50 requests per minute. For details, refer to: https://docs.claude.com/en/api/rate-limits.
## cerebras
key | 401 | invalid_request_error | wrong_api_key | api_key | Wrong API Key
model | 404 | not_found_error | model_not_found | model | Model {model} does not exist or you do not have access to it.
field | 400 | invalid_request_error | wrong_api_format | validation_error | property '{field}' is unsupported
part | 400 | invalid_request_error | wrong_api_format | validation_error | messages.1.user.content.1.type: value 'file' is unsupported
long | 400 | invalid_request_error | context_length_exceeded | messages | Please reduce the length of the messages or completion. Current length is {prompt} while limit is {limit}
rate | 429 | too_many_tokens_error | token_quota_exceeded | quota | Tokens per minute limit exceeded - too many tokens processed.
## together as openai
key | 401 | invalid_request_error | invalid_api_key | - | Invalid API key provided. You can find your API key at https://api.together.xyz/settings/api-keys.
credit | 402 | invalid_request_error | credit_limit | - | Credit limit exceeded, please add credits to your account.
model | 404 | invalid_request_error | model_not_available | - | Unable to access model {model}. Please visit https://api.together.ai/models to view the list of supported models.
part | 400 | invalid_request_error | invalid_request | - | Input validation error: unsupported content type: file
tokens | 422 | invalid_request_error | - | - | Input validation error: \`inputs\` tokens + \`max_new_tokens\` must be <= {limit}. Given: {prompt} \`inputs\` tokens and {asked} \`max_new_tokens\`
long | 422 | invalid_request_error | - | - | Input validation error: \`inputs\` tokens + \`max_new_tokens\` must be <= {limit}. Given: {prompt} \`inputs\` tokens and {asked} \`max_new_tokens\`
rate | 429 | model_rate_limit | - | - | You have reached the rate limit specific to this model {model}. The maximum rate limit for this model is 60.0 queries per minute.
## fireworks
key | 401 | error | UNAUTHORIZED | - | The API key you provided is invalid.
credit | 412 | error | FAILED_PRECONDITION | - | Account is suspended, possibly due to reaching the monthly spending limit or failure to pay past invoices.
model | 404 | error | NOT_FOUND | - | Model not found, inaccessible, and/or not deployed
field | 400 | invalid_request_error | - | - | Extra inputs are not permitted, field: '{field}', value: {value}
part | 400 | invalid_request_error | - | - | Input should be 'text', 'image_url' or 'video_url', field: 'messages.1.content.1.type', value: 'file'
long | 400 | invalid_request_error | - | - | The prompt is too long: {prompt}, model maximum context length: {limit}
rate | 429 | error | RESOURCE_EXHAUSTED | - | Request rate limit exceeded
## lmstudio
model | 404 | - | - | - | Model "{model}" not found. Please load it first, or turn on just-in-time loading.
format | 400 | - | - | - | 'response_format.type' must be 'json_schema' or 'text'
part | 400 | - | - | - | Invalid 'content': 'content' objects must have a 'type' field that is either 'text' or 'image_url'.
long | 400 | - | - | - | The number of tokens to keep from the initial prompt is greater than the context length (n_keep: {prompt}>= n_ctx: {limit}). Try to load the model with a larger context length, or provide a shorter input.
## llamacpp
key | 401 | authentication_error | - | - | Invalid API Key
part | 400 | invalid_request_error | - | - | unsupported content[].type
long | 400 | exceed_context_size_error | - | - | request ({prompt} tokens) exceeds the available context size ({limit} tokens), try increasing it
## vllm
key | 401 | invalid_request_error | - | - | Unauthorized
model | 404 | NotFoundError | - | model | The model \`{model}\` does not exist.
part | 400 | BadRequestError | - | - | Unknown part type: file
tokens | 400 | BadRequestError | - | max_tokens | 'max_tokens' or 'max_completion_tokens' is too large: {asked}. This model's maximum context length is {limit} tokens and your request has {prompt} input tokens ({asked} > {limit} - {prompt}).
long | 400 | BadRequestError | - | input_tokens | This model's maximum context length is {limit} tokens. However, your request has {prompt} input tokens. Please reduce the length of the input messages.
## ollama
model | 404 | api_error | - | - | model "{model}" not found, try pulling it first
part | 400 | invalid_request_error | - | - | invalid message format
## azure as openai
key | 401 | - | 401 | - | Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active subscription and use a correct regional API endpoint for your resource.
model | 404 | - | DeploymentNotFound | - | The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, please wait a moment and try again.
rate | 429 | - | 429 | - | Requests to the ChatCompletions_Create Operation have exceeded call rate limit of your current pricing tier. Please retry after {seconds} seconds.
## bedrock
key | 403 | - | - | - | Invalid API Key format: Must start with pre-defined prefix
model | 400 | - | - | - | The provided model identifier is invalid.
part | 400 | - | - | - | Content block of type file is not supported for this model
tokens | 400 | - | - | - | The maximum tokens you requested exceeds the model limit of {limit}. Try again with a maximum tokens value that is lower than {limit}.
long | 400 | - | - | - | Input is too long for requested model.
rate | 429 | - | - | - | Too many tokens, please wait before trying again.
`;

/** What an API says, by name; nothing for OpenRouter, which has one shape for all. */
export const SAYS: ReadonlyMap<string, Says> = readSayings();

function readSayings(): ReadonlyMap<string, Says> {
  const says = new Map<string, Says>();
  for (const section of SAYINGS.split('## ').slice(1)) {
    const [title = '', ...lines] = section.trim().split('\n');
    const [name = '', , like] = title.split(' ');
    const own = lines.map((line) => {
      const [cause, status, ...words] = line.split(' | ').map((word) => (word === '-' ? null : word));
      const [type, code, param, message] = words;
      return [cause, { status: Number(status), type, code, param, message }];
    });
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- of the table above
    says.set(name, { ...says.get(like ?? ''), ...(Object.fromEntries(own) as Says) });
  }
  return says;
}
