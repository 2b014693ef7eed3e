import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CommandError } from '../cli/command-error.ts';
import { writeDurably } from '../start-options-file.ts';
import { placeOf, type Place } from './places.ts';

export interface DemoAccount {
  readonly username: string;
  readonly password: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface DemoNode {
  readonly name: string;
  readonly place: Place;
  readonly basePort: number;
}

/** What the demo remembers between runs, with its secrets: DIR/demo.json, mode 0600. */
export interface DemoState {
  readonly format: 1;
  readonly basePort: number;
  readonly manualRings: boolean;
  /** Automatic rings start with this number of nodes. */
  readonly expectedNodes: number;
  readonly admin: { readonly username: string; readonly password: string };
  readonly user: DemoAccount;
  readonly alt: DemoAccount;
  readonly bucket: string;
  /** Users and bucket exist. */
  readonly accounts: 'missing' | 'made';
  readonly nodes: readonly DemoNode[];
}

export const firstNodeOffset = 10;
export const nodePortStep = 10;

export function newDemoState(options: { basePort: number; nodes: number; manualRings: boolean }): DemoState {
  return {
    format: 1,
    basePort: options.basePort,
    manualRings: options.manualRings,
    expectedNodes: options.nodes,
    admin: { username: 'admin', password: secret(18) },
    user: newAccount('demo'),
    alt: newAccount('guest'),
    bucket: 'demo-bucket',
    accounts: 'missing',
    nodes: Array.from({ length: options.nodes }, (_, index) => newDemoNode(options.basePort, index, placeOf(index))),
  };
}

export function newDemoNode(basePort: number, index: number, place: Place): DemoNode {
  return { name: `n${index}`, place, basePort: basePort + firstNodeOffset + nodePortStep * index };
}

/** The same nodes on other ports; they keep their identity and announce the new address. */
export function movedTo(state: DemoState, basePort: number): DemoState {
  return {
    ...state,
    basePort,
    nodes: state.nodes.map((node, index) => ({ ...node, basePort: basePort + firstNodeOffset + nodePortStep * index })),
  };
}

/** Null when DIR holds no demo yet. */
export async function readDemoState(directory: string): Promise<DemoState | null> {
  const path = join(directory, 'demo.json');
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  });
  if (text === null) return null;
  const state = JSON.parse(text) as DemoState;
  if (state.format !== 1)
    throw new CommandError(
      'InvalidArgument',
      `${path} was written by another release (format ${String(state.format)}): choose another --data directory.`,
    );
  return state;
}

export async function writeDemoState(directory: string, state: DemoState): Promise<void> {
  await writeDurably(join(directory, 'demo.json'), `${JSON.stringify(state, null, 2)}\n`);
}

function newAccount(username: string): DemoAccount {
  return {
    username,
    password: secret(18),
    accessKeyId: `MCOS${randomBytes(8).toString('hex').toUpperCase()}`,
    secretAccessKey: secret(30),
  };
}

function secret(bytes: number): string {
  return randomBytes(bytes).toString('base64url');
}
