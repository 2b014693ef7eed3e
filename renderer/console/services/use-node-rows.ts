import { useLocalStorage } from '@vueuse/core';
import { computed, ref, shallowRef, watch, type ComputedRef, type Ref } from 'vue';
import type { NodeView } from '../../../backend/contracts/admin-api.ts';
import { matchesFilter, nodeColumns, sortedIds, type ColumnKey, type NodeColumn, type NodeFilter } from './node-columns.ts';

/**
 * Rows of the table: filtered, sorted, with the columns that a person chose. Invariant: live values
 * change in place; the order is made anew only when the person sorts or filters, or when nodes come or go.
 */
export function useNodeRows(nodes: () => readonly NodeView[]): {
  filter: Ref<NodeFilter>;
  rows: ComputedRef<readonly NodeView[]>;
  columns: ComputedRef<readonly NodeColumn[]>;
  hidden: Ref<ColumnKey[]>;
  sort: Ref<{ key: ColumnKey; direction: 'up' | 'down' }>;
  sortBy: (key: ColumnKey) => void;
} {
  const filter = ref<NodeFilter>({ text: '', state: '', zone: '' });
  const sort = ref<{ key: ColumnKey; direction: 'up' | 'down' }>({ key: 'name', direction: 'up' });
  const hidden = useLocalStorage<ColumnKey[]>(
    'mcos-node-columns-hidden',
    nodeColumns.filter(({ shown }) => !shown).map(({ key }) => key),
  );
  const columns = computed(() => nodeColumns.filter(({ key }) => key === 'name' || !hidden.value.includes(key)));
  const order = shallowRef<readonly string[]>([]);

  watch(
    [
      sort,
      filter,
      () =>
        nodes()
          .map(({ id }) => id)
          .join(),
    ],
    () => {
      const column = nodeColumns.find(({ key }) => key === sort.value.key) ?? nodeColumns[0];
      const matching = nodes().filter((node) => matchesFilter(node, filter.value));
      order.value = column ? sortedIds(matching, column, sort.value.direction) : [];
    },
    { immediate: true, deep: true },
  );

  const rows = computed(() => {
    const byId = new Map(nodes().map((node) => [node.id, node]));
    return order.value.flatMap((id) => byId.get(id) ?? []);
  });

  return {
    filter,
    rows,
    columns,
    hidden,
    sort,
    sortBy: (key) => {
      sort.value = { key, direction: sort.value.key === key && sort.value.direction === 'up' ? 'down' : 'up' };
    },
  };
}
