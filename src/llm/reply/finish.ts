/** How an answer ended. `aborted`: before its end, for no reason of its own. `unknown`: by a word that is not listed here. */
export type Finish = 'stop' | 'tool_calls' | 'length' | 'content_filter' | 'refusal' | 'error' | 'aborted' | 'unknown';

/** What APIs, gateways and servers say instead: most pass on the words of the model's own provider. */
const WORDS: readonly (readonly [Finish, string])[] = [
  [
    'stop',
    'stop stopped stop_sequence stop_word stop_token stop_string stop_string_found finish_reason_stop reason_stop',
  ],
  ['stop', 'eos eos_token eos_found eosfound eot end end_turn end_of_turn end_of_text endoftext'],
  ['stop', 'complete completed done finish finished'],
  ['tool_calls', 'tool_calls tool_call tool_use toolcalls function_call function_calls'],
  ['length', 'length max_tokens max_output_tokens max_new_tokens max_completion_tokens max_length max_len token_limit'],
  ['length', 'model_length context_length context_length_reached model_context_window_exceeded'],
  ['length', 'finish_reason_max_tokens reason_max_len max_predicted_tokens_reached'],
  ['content_filter', 'content_filter content_filtered guardrail_intervened safety image_safety recitation sensitive'],
  ['content_filter', 'blocklist prohibited_content spii error_toxic moderation'],
  ['refusal', 'refusal refused'],
  ['error', 'error failed'],
  ['aborted', 'abort aborted cancel canceled cancelled user_cancel timeout time_limit not_finished'],
  ['aborted', 'network_error insufficient_system_resource overloaded model_unloaded'],
];

const FINISHES: ReadonlyMap<string, Finish> = new Map(
  WORDS.flatMap(([finish, words]) => words.split(' ').map((word) => [word, finish] as const)),
);

/** What stands there if there is no reason. */
const NONE: ReadonlySet<string> = new Set(['', 'null', 'none']);

/** What a finish reason means, however it is written; null if it says none. */
export function finishOf(word: string | null): Finish | null {
  const plain = (word ?? '').trim().toLowerCase().replaceAll(/[\s-]/g, '_');
  return NONE.has(plain) ? null : (FINISHES.get(plain) ?? 'unknown');
}
