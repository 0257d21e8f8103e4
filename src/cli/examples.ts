/** For the first screen of help. The first is the command that must be there; empty: none. */
export const FIRST_EXAMPLES: readonly (readonly [string, string, string])[] = [
  ['ask', 'ask "List three facts." report.pdf', 'without a workspace'],
  ['init', 'init papers', 'a workspace, with an inbox'],
  ['', '--test --root papers', 'five documents, as a trial'],
  ['', '--once --root papers', 'all that is there now'],
];

/** By command. */
export const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  watch: ['--once --root papers -p "Summarize in five lines"', 'watch --root papers --max-cost 5'],
  run: ['run --root papers --max-cost 5'],
  ask: ['ask "List three facts." report.pdf', 'ask "Translate into English." letters/ --out answers'],
  init: ['init invoices --recipe extract'],
  check: ['check --root papers'],
  plan: ['plan --root papers', 'plan --pilot 8 --root papers'],
  render: ['render q1/report.pdf --root papers'],
  config: ['config --root papers'],
  status: ['status --root papers'],
  show: ['show q1/report.pdf --root papers'],
  retry: ["retry 'q1/*' --root papers"],
  export: ['export --format csv --root papers > results.csv'],
  doctor: ['doctor --root papers'],
  models: ['models --search sonnet'],
  simulate: ['simulate --port 4010 --latency 0.1-0.3'],
  completion: ['completion bash >> ~/.bashrc'],
};
