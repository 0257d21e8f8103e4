import type { Argv, CommandModule, PositionalOptions, Options as YargsOption } from 'yargs';

/** What a command takes, as it tells yargs. Help, completion and the checks of arguments go by it. */
export interface DeclaredCommand {
  /** `$0` beside it: it is meant where none is named. */
  readonly names: readonly [string, ...string[]];
  readonly describe: string;
  /** In their order. */
  readonly positionals: readonly DeclaredPositional[];
  /** By flag, without `--`. */
  readonly flags: ReadonlyMap<string, YargsOption>;
  /** As it was written: `show <document>`. */
  readonly usage: string;
  readonly handler: CommandModule['handler'];
}

interface DeclaredPositional extends PositionalOptions {
  readonly name: string;
  readonly isRequired: boolean;
  /** Takes all that follow. */
  readonly isList: boolean;
}

/** What a command declares. Its arguments are read when they are needed: a start needs those of one command. */
export function declared({ command, describe, builder, handler }: CommandModule): DeclaredCommand {
  const [usage = '', ...others] = [command ?? []].flat();
  const [name = '', ...written] = usage.split(' ');
  let read: ReturnType<typeof readArguments> | undefined;
  const inDetail = () => (read ??= readArguments(builder, written));
  return {
    names: [name, ...others],
    describe: describe === false ? '' : (describe ?? ''),
    get positionals() {
      return inDetail().positionals;
    },
    get flags() {
      return inDetail().flags;
    },
    usage,
    handler,
  };
}

function readArguments(
  builder: CommandModule['builder'],
  written: readonly string[],
): Pick<DeclaredCommand, 'positionals' | 'flags'> {
  const flags = new Map<string, YargsOption>();
  const described = new Map<string, PositionalOptions>();
  const addFlags = (options: Readonly<Record<string, YargsOption>>): void => {
    for (const [flag, option] of Object.entries(options)) flags.set(flag, option);
  };
  const recorder = {
    options: (options: Readonly<Record<string, YargsOption>>) => {
      addFlags(options);
      return recorder;
    },
    option: (flag: string, option: YargsOption) => {
      flags.set(flag, option);
      return recorder;
    },
    positional: (name: string, option: PositionalOptions) => {
      described.set(name, option);
      return recorder;
    },
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- of yargs, our commands use these three
  if (typeof builder === 'function') void builder(recorder as unknown as Argv);
  else addFlags(builder ?? {});
  return { positionals: written.map((text) => positional(text, described)), flags };
}

/** `<document>`, `[glob]`, `[paths..]`. */
function positional(written: string, described: ReadonlyMap<string, PositionalOptions>): DeclaredPositional {
  const name = written.replaceAll(/[<>[\].]/g, '');
  const isList = written.includes('..');
  return { ...described.get(name), name, isRequired: written.startsWith('<'), isList };
}

/**
 * The command for yargs, with a handler of our own. yargs refuses nothing: what is wrong is told by us, and all at once.
 */
export function forYargs(command: DeclaredCommand, handler: CommandModule['handler']): CommandModule {
  const [name, ...others] = command.names;
  return {
    command: [command.usage.replaceAll('<', '[').replaceAll('>', ']'), ...others],
    describe: name,
    builder: (yargs) => {
      for (const [flag, { type, alias, default: value }] of command.flags) {
        yargs.option(flag, {
          ...(type !== undefined && { type }),
          ...(alias !== undefined && { alias }),
          ...(value !== undefined && { default: value }),
        });
      }
      for (const one of command.positionals) yargs.positional(one.name, { type: 'string' });
      return yargs;
    },
    handler,
  };
}

/** The flag and its other names, a single letter first. */
export function namesOf(flag: string, { alias }: YargsOption): readonly string[] {
  return [...[alias ?? []].flat(), flag].toSorted((one, other) => one.length - other.length);
}

/** Whether a flag takes no value. */
export function isSwitch({ type }: YargsOption): boolean {
  return type === 'boolean';
}
