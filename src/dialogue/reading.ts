/** What is made of a whole text that a model wrote. */
export type Reading =
  | { readonly kind: 'sound'; readonly text: string; readonly notes: readonly string[] }
  | {
      readonly kind: 'broken';
      readonly code: string;
      /** For people. Holds nothing of the text. */
      readonly message: string;
      /** For the model, which may mend it; null where it is not asked to. */
      readonly complaint: string | null;
    };

export type ReadText = (text: string) => Reading;
