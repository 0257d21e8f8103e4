import { UsageError } from '../../domain/errors.ts';
import { argumentOf, type Command, type CommandContext } from '../command.ts';

/**
 * Each asks `sluice completion words -- WORD...` for lines of a candidate, a tab and what it means; the last word is the one
 * that is typed. Where there is none, the shell completes files. yargs has such scripts; with them the options of a command
 * that need not be named are missing, fish completes no files, and `$SHELL` decides which script it is.
 */
const SCRIPTS = {
  bash: `# For bash: sluice completion bash >> ~/.bashrc
_sluice() {
  local word
  COMPREPLY=()
  while IFS=$'\\t' read -r word _; do
    [[ -n $word ]] && COMPREPLY+=("$(printf '%q' "$word")")
  done < <(sluice completion words -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o bashdefault -o default -F _sluice sluice
`,
  zsh: `#compdef sluice
# For zsh: sluice completion zsh > ~/.zfunc/_sluice, with fpath+=~/.zfunc before compinit in ~/.zshrc
_sluice() {
  local line
  local -a candidates
  while IFS= read -r line; do
    candidates+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done < <(sluice completion words -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  if (( \${#candidates} )); then
    _describe sluice candidates
  else
    _files
  fi
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _sluice "$@"
else
  compdef _sluice sluice
fi
`,
  fish: `# For fish: sluice completion fish > ~/.config/fish/completions/sluice.fish
function __sluice_candidates
  set -l words (commandline -opc)
  set -l current (commandline -ct)
  set -l found (sluice completion words -- $words[2..-1] "$current" 2>/dev/null)
  if test (count $found) -gt 0
    printf '%s\\n' $found
  else
    __fish_complete_path "$current"
  end
end
complete -c sluice -f -a '(__sluice_candidates)'
`,
} as const;

export const SHELLS = Object.keys(SCRIPTS);

/** `sluice completion SHELL`: the script by which a shell asks us what may come next. */
export function completionCommand(context: Pick<CommandContext, 'stdout'>): Command {
  return {
    name: 'completion',
    describe: 'Print a script that completes commands, options, values and documents in your shell',
    examples: ['completion bash >> ~/.bashrc'],
    positionals: [{ name: 'shell', describe: `${SHELLS.join(', ')}; the script says where it goes`, isRequired: true }],
    flags: () => ({}),
    run: (flags) => {
      const shell = argumentOf(flags, 'shell') ?? '';
      const script = Object.entries(SCRIPTS).find(([known]) => known === shell)?.[1];
      if (script === undefined)
        throw new UsageError(`completion does not know the shell ${shell}: it takes one of ${SHELLS.join(', ')}`);
      context.stdout.write(script);
      return 0;
    },
  };
}
