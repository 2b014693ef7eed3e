import type { EpochPlant } from '../../backend/cloud-service/admin-cloud-controller/rows-to-drop.ts';
import type { HealingPlant } from '../../backend/cloud-service/healing/healing-deps.ts';
import type { DriverPlant } from '../../backend/epochs/change-driver.ts';
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
  'old-quorum-read': 'a read is answered by, and content with, the replicas of an older epoch',
  'sync-unfenced-scan': 'names are carried over from lists that are older than the fence',
};

export const healingPlants: Readonly<Record<HealingPlant, string>> = {
  'sweep-by-fast-read': 'the sweep believes a fast read of the owner instead of writing its identity',
  'leaving-copies-count': 'the healer counts copies on a node that is on its way out, so that they are never made elsewhere',
};

export const ringPlants: Readonly<Record<EpochPlant | DriverPlant | 'wiped-node-keeps-id', string>> = {
  'no-drop-on-reentry': 'a node that comes back to a partition keeps the rows it had there',
  'retire-before-sync': 'an epoch is retired before its names are carried over',
  'wiped-node-keeps-id': 'a node with an empty disk goes on under its old id',
};

export const plants = { ...registerPlants, ...healingPlants, ...ringPlants };

export type PlantName = keyof typeof plants;

/** The scenario that is made to catch a bug, where that is not the mixed one. */
const homes: Readonly<Partial<Record<PlantName, string>>> = {
  'purge-without-floor': 'register-purge',
  'bucket-delete-without-marker': 'buckets',
  'sweep-by-fast-read': 'objects-multipart',
  'leaving-copies-count': 'objects-drain',
  'old-quorum-read': 'ring-change',
  'sync-unfenced-scan': 'ring-change',
  'no-drop-on-reentry': 'ring-change',
  'retire-before-sync': 'ring-change',
  'wiped-node-keeps-id': 'ring-change',
};

/** Name of the scenario in which a bug shows soonest. */
export function homeOf(plant: PlantName): string {
  return homes[plant] ?? 'register-mixed';
}

export function isPlantName(name: string): name is PlantName {
  return Object.hasOwn(plants, name);
}

/** The switches of one table that planting `plant` turns on. */
export function switchesOf<Name extends string>(table: Readonly<Record<Name, string>>, plant: PlantName | null): ReadonlySet<Name> {
  return new Set(plant !== null && Object.hasOwn(table, plant) ? [plant as string as Name] : []);
}
