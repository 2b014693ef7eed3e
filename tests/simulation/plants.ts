import type { HealingPlant } from '../../backend/cloud-service/healing/healing-deps.ts';
import type { RegisterPlant } from '../../backend/register/plants.ts';

/** Bugs that can be planted, by their names in the protocol. Each is a switch in the production code, in the part that its table stands for. */
export const registerPlants: Readonly<Record<RegisterPlant, string>> = {
  'promise-not-durable': 'the promise ceiling is never written, so a restart forgets promises',
  'ballot-reuse': 'ballots are not unique',
  'retry-without-operation-id': 'a retry does not look for its own operation in the record',
  'ack-before-commit': 'an acceptor says "accepted" before the commit',
  'read-one-replica': 'a read trusts one replica',
  'bucket-delete-without-marker': 'acceptors look at no fence, so that a delete marks the shards of a bucket in vain',
  'purge-without-floor': 'a purged tombstone leaves no floor, so that late messages bring the value back',
};

export const healingPlants: Readonly<Record<HealingPlant, string>> = {
  'sweep-by-fast-read': 'the sweep believes a fast read of the owner instead of writing its identity',
};

export const plants = { ...registerPlants, ...healingPlants };

export type PlantName = keyof typeof plants;

export function isPlantName(name: string): name is PlantName {
  return Object.hasOwn(plants, name);
}

/** The switches of one table that planting `plant` turns on. */
export function switchesOf<Name extends string>(table: Readonly<Record<Name, string>>, plant: PlantName | null): ReadonlySet<Name> {
  return new Set(plant !== null && Object.hasOwn(table, plant) ? [plant as string as Name] : []);
}
