import { firstValueFrom, of, tap } from 'rxjs';
import type { ModelFacts, Models } from '../../../src/domain/models.ts';
import type { Dialogue, Inquiry, Judgement, Move } from '../../../src/domain/ports.ts';
import { type Handling, PLAIN_HANDLING, type Recipe } from '../../../src/domain/recipe.ts';
import type { Part, Prompt, Reply } from '../../../src/domain/request.ts';
import { createDialogue } from '../../../src/llm/conversation/conversation.ts';
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
  readonly countTokens?: CountTokens;
}

/** Bytes by four: enough of a tokenizer to reckon with. */
export const quarterBytes = (text: string) => Math.ceil(Buffer.byteLength(text) / 4);

/** A dialogue, and the models of which facts were asked. */
export function dialogueOf({
  facts = null,
  routes = true,
  maxTokens = 1000,
  roomyModel = 'lab/model',
  reached = true,
  countTokens = quarterBytes,
}: Surroundings = {}) {
  const asked: string[] = [];
  const models: Models = {
    routes,
    reached: () => of(reached),
    facts: (model) => of(facts && { ...FACTS, ...facts }).pipe(tap(() => asked.push(model))),
    taking: (inputs) => of([`able/${inputs.join('-')}`]),
  };
  const dialogue = createDialogue({ models, countTokens: () => Promise.resolve(countTokens), maxTokens, roomyModel });
  return { dialogue, asked };
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
    render: (_document, given) =>
      of({
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

export type Ask = Extract<Move, { kind: 'ask' }>;

export async function ask(dialogue: Dialogue, inquiry: Inquiry, replies: readonly Reply[] = []): Promise<Ask> {
  const move = await firstValueFrom(dialogue.next(inquiry, replies));
  if (move.kind !== 'ask') throw new Error(move.reason);
  return move;
}

export async function refusal(dialogue: Dialogue, inquiry: Inquiry, replies: readonly Reply[] = []) {
  const move = await firstValueFrom(dialogue.next(inquiry, replies));
  if (move.kind !== 'refused') throw new Error('It was asked.');
  return move;
}

/** Has a conversation to its end: replies in order, until one ends it. */
export async function converse(dialogue: Dialogue, inquiry: Inquiry, script: readonly Reply[]) {
  const prompts: Prompt[] = [];
  const judgements: Judgement[] = [];
  for (const [index, said] of script.entries()) {
    const move = await ask(dialogue, inquiry, script.slice(0, index));
    prompts.push(move.prompt);
    const judgement = move.judge(said);
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
