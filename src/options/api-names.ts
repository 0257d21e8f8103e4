/** What `--api` takes beside a base URL. */
export const API_NAMES: readonly string[] = ['openrouter', 'openai', 'ollama', 'simulator'];
