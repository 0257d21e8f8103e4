export interface ChatMessage {
  readonly role: 'system' | 'user';
  readonly content: string;
}

/** What a recipe makes of a document: who is asked, and what. */
export interface Prompt {
  /** The recipe's name, for tickets and receipts. */
  readonly recipe: string;
  /** Model id as the API knows it. */
  readonly model: string;
  readonly messages: readonly ChatMessage[];
}
