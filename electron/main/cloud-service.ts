// A Cloud Service in a utility process of the app: the command line of the daemon, ended when it is done.
import { runProgram } from '../../backend/bin/cli/run-program.ts';
import { createProgram } from '../../backend/bin/program.ts';

const parameters = process.argv.slice(2);
process.exit(await runProgram(await createProgram(parameters), parameters));
