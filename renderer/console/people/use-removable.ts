import { ref, type Ref } from 'vue';
import { useSessionStore } from '../stores/session.ts';

/** The drawer over one user or bucket: it closes when what it shows is removed. */
export function useRemovable(
  path: string,
  onChanged: () => void,
): { isOpen: Ref<boolean>; removing: Ref<boolean>; remove: () => Promise<void> } {
  const { api } = useSessionStore();
  const isOpen = ref(true);
  /** Whether the name is being asked for. */
  const removing = ref(false);
  return {
    isOpen,
    removing,
    remove: async () => {
      await api.delete(path);
      onChanged();
      isOpen.value = false;
    },
  };
}
