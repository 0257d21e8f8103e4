import type { ModelFacts, Models, Takes } from '../../../src/domain/models.ts';
import type { Conversation, Inquiry, Judgement, NextRequest } from '../../../src/domain/ports.ts';
import { type Handling, PLAIN_HANDLING, type Recipe } from '../../../src/domain/recipe.ts';
import type { Part, Prompt, Reply } from '../../../src/domain/request.ts';
import { createConversation } from '../../../src/llm/conversation/conversation.ts';
import type { CountTokens } from '../../../src/llm/tokens.ts';

const FACTS: ModelFacts = {
  contextTokens: null,
  maxCompletionTokens: null,
  inputs: null,
  structuredOutputs: null,
  reasoning: null,
};

export interface Surroundings {
  readonly facts?: Partial<ModelFacts> | null;
  readonly routes?: boolean;
  readonly maxTokens?: number;
  readonly roomyModel?: string | null;
  /** Whether the API could be asked for its models. */
  readonly reached?: boolean;
  /** Whether a refusal told how many tokens the model takes. */
  readonly limited?: boolean;
  readonly countTokens?: CountTokens;
  /** What the API takes. @default everything */
  readonly takes?: Partial<Takes>;
}

/** Bytes by four: enough of a tokenizer to reckon with. */
export const quarterBytes = (text: string) => Math.ceil(Buffer.byteLength(text) / 4);

/** A conversation, and the models of which facts were asked. */
export function conversationOf({
  facts = null,
  routes = true,
  maxTokens = 1000,
  roomyModel = 'lab/model',
  reached = true,
  limited = false,
  countTokens = quarterBytes,
  takes = {},
}: Surroundings = {}) {
  const asked: string[] = [];
  const models: Models = {
    inputs: null,
    jsonSchema: true,
    jsonObject: true,
    context: routes ? 'models' : null,
    routes,
    ...takes,
    isLimited: () => limited,
    reached: async () => reached,
    facts: async (model) => {
      asked.push(model);
      return facts && { ...FACTS, ...facts };
    },
    misnamed: () => [],
    meant: async () => [],
    taking: async (inputs) => [`able/${inputs.join('-')}`],
  };
  const conversation = createConversation({
    models,
    countTokens: () => Promise.resolve(countTokens),
    maxTokens,
    roomyModel,
  });
  return { conversation, asked };
}

export interface InquirySettings {
  readonly parts?: readonly Part[];
  readonly handling?: Partial<Handling>;
  readonly prompt?: Partial<Prompt>;
  readonly system?: string;
}

export function inquiryOf({ parts = [text('Hello')], handling, prompt, system }: InquirySettings = {}): Inquiry {
  const recipe: Recipe = {
    hash: '0',
    name: 'test.prompt',
    model: 'lab/model',
    api: 'simulator',
    barred: null,
    handling: { ...PLAIN_HANDLING, ...handling },
    fixedTokens: 0,
    circumstances: () => '',
    place: ({ id }) => ({ name: id, ending: '.md' }),
    render: async (_document, given) => ({
      model: 'lab/model',
      messages: [
        { role: 'system', content: system ?? 'Summarise.' },
        { role: 'user', content: given },
      ],
      ...prompt,
    }),
  };
  return { document: { id: 'a.txt', size: 5, mtimeMs: 0 }, fingerprint: 'a', parts, recipe };
}

export const text = (content: string): Part => ({ kind: 'text', text: content });
export const pdf = (): Part => ({
  kind: 'file',
  name: 'a.pdf',
  mediaType: 'application/pdf',
  bytes: Buffer.from('%PDF'),
});
export const image = (): Part => ({ kind: 'image', mediaType: 'image/png', bytes: Buffer.from('png') });

export const reply = (content: string, rest: Partial<Reply> = {}): Reply => ({
  text: content,
  cut: false,
  extras: {},
  ...rest,
});
export const cut = (content: string): Reply => reply(content, { cut: true });

export type Ask = Extract<NextRequest, { kind: 'ask' }>;

export async function ask(conversation: Conversation, inquiry: Inquiry, replies: readonly Reply[] = []): Promise<Ask> {
  const next = await conversation.next(inquiry, replies);
  if (next.kind !== 'ask') throw new Error(next.reason);
  return next;
}

export async function refusal(conversation: Conversation, inquiry: Inquiry, replies: readonly Reply[] = []) {
  const next = await conversation.next(inquiry, replies);
  if (next.kind !== 'refused') throw new Error('It was asked.');
  return next;
}

/** Has a conversation to its end: replies in order, until one ends it. */
export async function converse(conversation: Conversation, inquiry: Inquiry, script: readonly Reply[]) {
  const prompts: Prompt[] = [];
  const judgements: Judgement[] = [];
  for (const [index, said] of script.entries()) {
    const next = await ask(conversation, inquiry, script.slice(0, index));
    prompts.push(next.prompt);
    const judgement = next.judge(said);
    judgements.push(judgement);
    if (judgement.kind !== 'further') break;
  }
  return { prompts, judgements, last: judgements.at(-1) };
}

/** The texts of the last message of a prompt. */
export function lastText({ messages }: Prompt): string {
  const content = messages.at(-1)?.content ?? '';
  if (typeof content === 'string') return content;
  return content.map((part) => (part.kind === 'text' ? part.text : `<${part.kind}>`)).join('');
}
