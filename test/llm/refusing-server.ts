import { asObject, type JsonRecord } from '../../src/lib/json.ts';
import { answerBody, type Listening, serve } from './support.ts';

/** A refusal, as an API sends it. */
interface SentRefusal {
  readonly status: number;
  /** A text is sent as it is. */
  readonly body: unknown;
}

const openAi = (message: string, rest: object = {}): unknown => ({
  error: { message, type: 'invalid_request_error', param: null, code: null, ...rest },
});

/** How APIs refuse a field that they do not know (providers of 2026, by their issues and documentation). */
export const UNKNOWN_FIELD: Readonly<Record<string, (field: string) => SentRefusal>> = {
  gemini: (field) => ({
    status: 400,
    body: [
      {
        error: {
          code: 400,
          message: `Invalid JSON payload received. Unknown name "${field}": Cannot find field.`,
          status: 'INVALID_ARGUMENT',
          details: [{ '@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations: [{ description: '…' }] }],
        },
      },
    ],
  }),
  mistral: (field) => ({
    status: 422,
    body: {
      object: 'error',
      message: {
        detail: [
          { type: 'extra_forbidden', loc: ['body', field], msg: 'Extra inputs are not permitted', input: 'SECRET' },
        ],
      },
      type: 'invalid_request_error',
      code: null,
    },
  }),
  fastapi: (field) => ({
    status: 422,
    body: { detail: [{ loc: ['body', field], msg: 'extra fields not permitted', type: 'value_error.extra' }] },
  }),
  vllm: (field) => ({
    status: 400,
    body: {
      object: 'error',
      message: `[{'type': 'extra_forbidden', 'loc': ('body', '${field}'), 'msg': 'Extra inputs are not permitted'}]`,
      type: 'BadRequestError',
      code: 400,
    },
  }),
  groq: (field) => ({ status: 400, body: openAi(`property '${field}' is unsupported, did you mean 'model'?`) }),
  cerebras: (field) => ({
    status: 400,
    body: {
      message: `body.${field}: property 'body.${field}' is unsupported`,
      type: 'invalid_request_error',
      param: 'validation_error',
      code: 'wrong_api_format',
    },
  }),
  fireworks: (field) => ({
    status: 400,
    body: { error: { object: 'error', message: `Extra inputs are not permitted, field: '${field}', value: {}` } },
  }),
  openai: (field) => ({ status: 400, body: openAi(`Unrecognized request argument supplied: ${field}`) }),
  'openai, newer': (field) => ({
    status: 400,
    body: openAi(`Unknown parameter: '${field}'.`, { param: field, code: 'unknown_parameter' }),
  }),
  litellm: (field) => ({
    status: 400,
    body: openAi(`litellm.UnsupportedParamsError: groq does not support parameters: ['${field}'], for model=m`),
  }),
  'a server in Rust': (field) => ({
    status: 422,
    body: `Failed to deserialize the JSON body: unknown field \`${field}\`, expected one of \`model\`, \`messages\``,
  }),
  'a server in Go': (field) => ({ status: 400, body: { error: `json: unknown field "${field}"` } }),
  'a server in Python': (field) => ({
    status: 500,
    body: openAi(`create() got an unexpected keyword argument '${field}'`),
  }),
  'an error under 200': (field) => ({ status: 200, body: { error: `Unsupported parameter: ${field}` } }),
};

/** A server of chat completions that keeps what it was sent. */
export interface RefusingServer extends Listening {
  readonly bodies: readonly JsonRecord[];
}

/** Refuses what `refuse` finds in a body, and answers all else. */
export async function startRefusing(
  refuse: (body: JsonRecord) => SentRefusal | null,
  answer: (body: JsonRecord) => unknown = () => answerBody(),
): Promise<RefusingServer> {
  const bodies: JsonRecord[] = [];
  const server = await serve((request, response, text) => {
    if (request.method !== 'POST') {
      response.writeHead(404).end('{}');
      return;
    }
    const body = asObject(JSON.parse(text));
    bodies.push(body);
    const { status, body: sent } = refuse(body) ?? { status: 200, body: answer(body) };
    const isText = typeof sent === 'string';
    response.writeHead(status, { 'content-type': isText ? 'text/plain' : 'application/json' });
    response.end(isText ? sent : JSON.stringify(sent));
  });
  return { ...server, bodies };
}

const TAKEN: ReadonlySet<string> = new Set(['model', 'messages', 'max_tokens', 'stream']);

/** Takes the least of all APIs, and refuses the first field beyond that. */
export function startStrict(shape: string): Promise<RefusingServer> {
  const refuse = UNKNOWN_FIELD[shape];
  return startRefusing((body) => {
    const unknown = Object.keys(body).find((name) => !TAKEN.has(name));
    return unknown === undefined || refuse === undefined ? null : refuse(unknown);
  });
}

/** The fields of a body that a strict server does not take. */
export function untaken(body: JsonRecord | undefined): readonly string[] {
  return Object.keys(body ?? {}).filter((name) => !TAKEN.has(name));
}

export { openAi as openAiError };
