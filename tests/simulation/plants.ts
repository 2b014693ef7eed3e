/** Bugs that can be planted, by their names in the protocol. */
export const plants = {
  'promise-not-durable': 'the promise ceiling is never written, so a restart forgets promises',
  'ballot-reuse': 'ballots are not unique',
  'retry-without-operation-id': 'a retry does not look for its own operation in the record',
  'ack-before-commit': 'the disk says "durable" before it is',
  'read-one-replica': 'a read trusts one replica',
} as const;

export type PlantName = keyof typeof plants;

export function isPlantName(name: string): name is PlantName {
  return Object.hasOwn(plants, name);
}
