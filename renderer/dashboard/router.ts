import { createRouter, createWebHashHistory, type Router } from 'vue-router';
import BucketsView from './views/BucketsView.vue';
import FolderView from './views/FolderView.vue';

/** A folder is a query, not a path: keys may hold `//`, `..` and anything else. */
export function createDashboardRouter(): Router {
  return createRouter({
    history: createWebHashHistory(),
    routes: [
      { path: '/', name: 'buckets', component: BucketsView },
      { path: '/buckets/:bucket', name: 'folder', component: FolderView },
      { path: '/:rest(.*)*', redirect: '/' },
    ],
  });
}
