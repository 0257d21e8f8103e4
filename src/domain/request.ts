export interface ChatMessage {
  readonly role: 'system' | 'user';
  readonly content: string;
}

/** What a recipe makes of a document: who is asked, and what. */
export interface Prompt {
  /** Model id as the API knows it. */
  readonly model: string;
  readonly messages: readonly ChatMessage[];
}
