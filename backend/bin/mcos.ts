#!/usr/bin/env node
import './check-node.ts';
import { createProgram } from './program.ts';
import { runProgram } from './cli/run-program.ts';

process.exitCode = await runProgram(createProgram(), process.argv.slice(2));
