import type { Command } from 'commander';
import { print, withJson } from '../cli/admin-command.ts';
import { writeEvaluation } from '../cli/write-evaluation.ts';

/** The group `mcos ring`, without its commands. */
export function addRingGroup(program: Command): Command {
  return program.command('ring').description('the rings that resolve names');
}

/** `mcos ring evaluate`. It asks nobody, and what it costs is compared: it loads nothing that it does not need. */
export function addEvaluateCommand(ring: Command): void {
  withJson(ring.command('evaluate <scenarios>').description('build the object rings of a scenario file, one JSON file a step'))
    .requiredOption('--out <directory>', 'where to write them')
    .action(async (scenarios: string, options: { out: string; json?: boolean }) => {
      const files = await writeEvaluation(scenarios, options.out, (line) => process.stderr.write(`${line}\n`));
      print(options, { directory: options.out, files }, (result) => `${result.files.length} files in ${result.directory}`);
    });
}
