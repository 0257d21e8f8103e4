const TOOLS = 'sluice calls no tools: an answer comes from the document alone';

/** Fields of chat completions that a recipe does not set, with the reason. */
export const OWNED_FIELDS: Readonly<Record<string, string>> = {
  functions: TOOLS,
  function_call: TOOLS,
  messages: 'the prompt below the front matter makes them',
  model: 'it stands at the top of the front matter, beside config',
  n: 'a document has one result',
  parallel_tool_calls: TOOLS,
  response_format: 'write output.format and output.schema instead',
  stop_server_tools_when: TOOLS,
  stream: 'it is for the run to say (--stream, --no-stream)',
  stream_options: 'it is for the run to say (--stream, --no-stream)',
  tool_choice: TOOLS,
  tools: TOOLS,
  usage: 'tokens and cost are told anyway',
};

/** Names that other programs have for a field; those that only differ in their writing are told by it. */
export const OTHER_NAMES: Readonly<Record<string, string>> = {
  max_output_tokens: 'max_tokens',
  stop_sequences: 'stop',
  thinking: 'reasoning',
  thinking_config: 'reasoning',
  version: 'model, at the top of the front matter',
};
