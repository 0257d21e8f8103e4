import type { ChatMessage, Prompt } from '../domain/request.ts';
import { isRecord } from '../lib/json.ts';
import type { Chain } from './chain.ts';
import { wholeCharacters } from './whole-characters.ts';

/** As much of a broken answer as the model is shown again, in characters. */
const LONGEST_SHOWN = 20_000;

const GO_ON =
  'Your answer was cut off. Go on exactly where it stopped: begin with the very next character, ' +
  'repeat nothing, and say nothing else.';

/** The next request of a chain: its first prompt, with what the model said so far and what is asked of it now. */
export function chainPrompt(first: Prompt, { mending, said, extras }: Chain): Prompt {
  const mended = mending === null ? first : withTurn(first, shown(mending.text), askToMend(mending.complaint), extras);
  return said === '' ? mended : withTurn(mended, said, GO_ON, extras);
}

type Extras = Chain['extras'];

function withTurn(prompt: Prompt, said: string, asked: string, extras: Extras): Prompt {
  return { ...prompt, messages: [...prompt.messages, saidBefore(said, extras), { role: 'user', content: asked }] };
}

/** With what the API parsed out of files, so that it is not parsed, and paid for, again. */
function saidBefore(content: string, { annotations = [] }: Extras): ChatMessage {
  const files = annotations.filter((annotation) => isRecord(annotation) && annotation['type'] === 'file');
  return { role: 'assistant', content, ...(files.length > 0 && { annotations: files }) };
}

function shown(text: string): string {
  return text.length > LONGEST_SHOWN ? `${text.slice(0, wholeCharacters(text, LONGEST_SHOWN))}\n[…]` : text;
}

function askToMend(complaint: string): string {
  return (
    `That answer cannot be used:\n${complaint}\n\n` +
    'Give the whole answer again, mended. Write the JSON alone: no words before or after it, no code fence.'
  );
}
