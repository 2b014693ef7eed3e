import { registerStoreContract } from '../contract/storage/register-store-contract.ts';
import { ProcessLife, Scheduler } from './scheduler.ts';
import { createSeededRandom } from './seeded-random.ts';
import { createSimulatedDisk, createSimulatedRegisterStore } from './simulated-register-store.ts';

registerStoreContract('The simulated store', async () => {
  const scheduler = new Scheduler();
  const disk = createSimulatedDisk();
  let disposed = false;
  scheduler.keepRunning(() => disposed);
  return {
    open: async () => createSimulatedRegisterStore({ scheduler, random: createSeededRandom(1), life: new ProcessLife(), disk }),
    dispose: async () => {
      disposed = true;
    },
  };
});
