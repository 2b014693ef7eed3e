import { Command } from 'commander';
import { softwareVersion } from './software-version.ts';

interface CommandGroup {
  /** The first words of its commands. */
  readonly words: readonly string[];
  readonly load: () => Promise<(program: Command) => void>;
  /** Commands of the group, by their second word, that need little of its code. */
  readonly alone?: ReadonlyMap<string | undefined, CommandGroup['load']>;
}

/** In the order in which help lists them. */
const groups: readonly CommandGroup[] = [
  { words: ['controller'], load: async () => (await import('./commands/controller.ts')).addControllerCommands },
  {
    words: ['node', 'nodes', 'status'],
    load: async () => {
      const [start, nodes, status] = await Promise.all([
        import('./commands/node-start.ts'),
        import('./commands/nodes.ts'),
        import('./commands/status.ts'),
      ]);
      return (program) => {
        const node = program.command('node').description('one Cloud Service');
        start.addNodeStartCommand(node);
        status.addStatusCommand(program);
        nodes.addNodesCommands(program, node);
      };
    },
  },
  { words: ['token'], load: async () => (await import('./commands/tokens.ts')).addTokenCommands },
  {
    words: ['ring'],
    load: async () => (await import('./commands/rings.ts')).addRingCommands,
    alone: new Map([['evaluate', loadEvaluateAlone]]),
  },
  { words: ['resolve'], load: async () => (await import('./commands/resolve.ts')).addResolveCommand },
  { words: ['user'], load: async () => (await import('./commands/users.ts')).addUserCommands },
  { words: ['bucket'], load: async () => (await import('./commands/buckets.ts')).addBucketCommands },
  { words: ['healing'], load: async () => (await import('./commands/healing.ts')).addHealingCommands },
  { words: ['events'], load: async () => (await import('./commands/events.ts')).addEventsCommand },
];

async function loadEvaluateAlone(): Promise<(program: Command) => void> {
  const { addEvaluateCommand, addRingGroup } = await import('./commands/ring-evaluate.ts');
  return (program) => {
    addEvaluateCommand(addRingGroup(program));
  };
}

/**
 * The command line. Where `parameters` begin with a command, only the code of its group is loaded, which halves what a
 * short command costs; without them, or when they begin with anything else, the program is whole.
 */
export async function createProgram(parameters: readonly string[] = []): Promise<Command> {
  const program = new Command('mcos')
    .description('One namespace of objects over many independent clouds')
    .version(softwareVersion(), '--version');
  const wanted = groups.filter(({ words }) => words.some((word) => word === parameters[0]));
  const loaders = wanted.length > 0 ? wanted.map(({ load, alone }) => alone?.get(parameters[1]) ?? load) : groups.map(({ load }) => load);
  const adders = await Promise.all(loaders.map((load) => load()));
  for (const add of adders) add(program);
  return program;
}
