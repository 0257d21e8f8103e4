import { hash } from 'node:crypto';
import type { ContentInput } from './content-input.ts';
import type { Content } from './read-content.ts';

/** One message. */
export interface Turn extends Content {
  readonly role: string;
}

/** Which document a request is about. */
export interface Asked {
  /** The text of the user message that brought it, and what its files say. */
  readonly text: string;
  readonly inputs: readonly ContentInput[];
  /** Hex SHA-256 of all that: what the simulator takes for the document. */
  readonly document: string;
  /** What was answered to it so far, in one. */
  readonly said: string;
}

/**
 * The last user message brings the document. Where an earlier one is a document that the simulator knows, a dialogue
 * goes on about that.
 */
export function askedIn(turns: readonly Turn[], isKnown: (document: string) => boolean = () => false): Asked {
  const last = turns.findLastIndex(isUser);
  const earlier = isDialogue(turns)
    ? turns.findIndex((turn, index) => index < last && isUser(turn) && isKnown(documentOf(turn)))
    : -1;
  return askedAt(turns, earlier === -1 ? last : earlier);
}

export function isDialogue(turns: readonly Turn[]): boolean {
  return turns.some(isAssistant);
}

function askedAt(turns: readonly Turn[], index: number): Asked {
  const turn = turns[index];
  if (turn === undefined) return { text: '', inputs: [], document: hash('sha256', ''), said: '' };
  const { text, inputs } = turn;
  return {
    text: inputs.length === 0 ? text : [text, ...inputs.map((input) => input.text)].join('\n'),
    inputs,
    document: documentOf(turn),
    said: turns
      .slice(index)
      .filter(isAssistant)
      .map((answer) => answer.text)
      .join(''),
  };
}

function documentOf({ text, inputs }: Turn): string {
  return hash('sha256', inputs.length === 0 ? text : [text, ...inputs.map(({ sha256 }) => sha256)].join('\n'));
}

function isUser({ role }: Turn): boolean {
  return role === 'user';
}

function isAssistant({ role }: Turn): boolean {
  return role === 'assistant';
}
