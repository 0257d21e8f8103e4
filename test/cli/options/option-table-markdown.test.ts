import { expect, test } from '@jest/globals';
import { optionKeys, optionTableMarkdown } from '../../../src/cli/options/table.ts';

const lines = optionTableMarkdown().split('\n');

test('has a line for every option, all of four cells', () => {
  expect(lines).toHaveLength(optionKeys.length + 2);
  for (const line of lines) expect(line.split(/(?<!\\)\|/)).toHaveLength(6);
});

test.each([
  '| `--api NAME\\|URL` | `SLUICE_API` | openrouter | Who is asked: openrouter, openai, anthropic, gemini, mistral, groq, deepseek, xai, cerebras, together, fireworks, azure, bedrock, ollama, lmstudio, llamacpp, vllm, simulator, or a base URL to which /chat/completions is added |',
  '| `--rpm N` | `SLUICE_RPM` | none | Calls a minute, at most, spread evenly |',
  '| `--max-tokens N` | `SLUICE_MAX_TOKENS` | 64000, or what suits the API | The longest answer, in tokens |',
  '| `--stream` | `SLUICE_STREAM` | on | Answers come as server-sent events; --no-stream asks for one JSON body |',
])('%s', (line) => {
  expect(lines).toContain(line);
});
