import { createRouter, createWebHashHistory, type Router } from 'vue-router';
import OverviewView from './views/OverviewView.vue';

/** In the order of the navigation. `name` is also the key of the link's text. */
export const viewNames = ['overview', 'topology', 'cloudServices', 'rings', 'accounts', 'buckets', 'events', 'settings'] as const;

/**
 * Hash addresses, so that any plain file server and the desktop's own protocol can serve the page. The Overview comes with
 * the page, because nearly every visit begins there; the other views come when they are opened.
 */
export function createConsoleRouter(): Router {
  return createRouter({
    history: createWebHashHistory(),
    routes: [
      { path: '/', name: 'overview', component: OverviewView },
      { path: '/topology', name: 'topology', component: () => import('./views/TopologyView.vue') },
      { path: '/cloud-services', name: 'cloudServices', component: () => import('./views/CloudServicesView.vue') },
      { path: '/rings', name: 'rings', component: () => import('./views/RingsView.vue') },
      { path: '/accounts', name: 'accounts', component: () => import('./views/AccountsView.vue') },
      { path: '/buckets', name: 'buckets', component: () => import('./views/BucketsView.vue') },
      { path: '/events', name: 'events', component: () => import('./views/EventsView.vue') },
      { path: '/settings', name: 'settings', component: () => import('./views/SettingsView.vue') },
      { path: '/:rest(.*)*', redirect: '/' },
    ],
  });
}
