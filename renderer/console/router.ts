import { createRouter, createWebHashHistory, type Router } from 'vue-router';
import AccountsView from './views/AccountsView.vue';
import BucketsView from './views/BucketsView.vue';
import CloudServicesView from './views/CloudServicesView.vue';
import EventsView from './views/EventsView.vue';
import OverviewView from './views/OverviewView.vue';
import RingsView from './views/RingsView.vue';
import SettingsView from './views/SettingsView.vue';
import TopologyView from './views/TopologyView.vue';

/** In the order of the navigation. `name` is also the key of the link's text. */
export const viewNames = ['overview', 'topology', 'cloudServices', 'rings', 'accounts', 'buckets', 'events', 'settings'] as const;

/** Hash addresses, so that any plain file server and the desktop's own protocol can serve the page. */
export function createConsoleRouter(): Router {
  return createRouter({
    history: createWebHashHistory(),
    routes: [
      { path: '/', name: 'overview', component: OverviewView },
      { path: '/topology', name: 'topology', component: TopologyView },
      { path: '/cloud-services', name: 'cloudServices', component: CloudServicesView },
      { path: '/rings', name: 'rings', component: RingsView },
      { path: '/accounts', name: 'accounts', component: AccountsView },
      { path: '/buckets', name: 'buckets', component: BucketsView },
      { path: '/events', name: 'events', component: EventsView },
      { path: '/settings', name: 'settings', component: SettingsView },
      { path: '/:rest(.*)*', redirect: '/' },
    ],
  });
}
