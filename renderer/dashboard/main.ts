import { mountPage } from '../shared/create-page.ts';
import App from './App.vue';
import { en } from './messages/en.ts';
import { vi } from './messages/vi.ts';
import { createDashboardRouter } from './router.ts';

mountPage(App, createDashboardRouter(), { en, vi });
