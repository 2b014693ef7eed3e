import { expect } from '@playwright/test';
import { ensurePages } from '../../scripts/build-pages.ts';
import { nodePlans, type NodePlan } from './fixtures/console-nodes.ts';
import { startConsoleFixture, type ConsoleFixture } from './fixtures/console-server.ts';
import { expectAccessible, test } from './fixtures/quiet-page.ts';

/** Looking into things: the table and the drawer of Cloud Services, the way of a name, the map, events. */

let pagesDirectory = '';
let fixture: ConsoleFixture | undefined;
test.beforeAll(async () => {
  test.setTimeout(180_000);
  pagesDirectory = (await ensurePages()).consoleDirectory;
});
test.afterEach(() => fixture?.stop());

const open = async (view: string, plans: readonly NodePlan[] = nodePlans): Promise<string> => {
  fixture = await startConsoleFixture({ pagesDirectory, epoch: 1, plans });
  return `${fixture.url}#/${view}`;
};

test('a thousand Cloud Services: sorted, filtered, and only those in sight are in the page', async ({ page }) => {
  const plans = Array.from({ length: 1000 }, (_, index): NodePlan => ({
    name: `n${index}`,
    zone: `zone-${index % 40}`,
    capacityGiB: 100 + index,
    state: index === 500 ? 'down' : 'healthy',
  }));
  await page.goto(await open('cloud-services', plans));
  const rows = page.locator('main').getByRole('row');
  await expect(rows.nth(1)).toContainText('n0');
  expect(await rows.count()).toBeLessThan(100);
  await page.getByRole('button', { name: 'State and evidence' }).click();
  await expect(rows.nth(1)).toContainText('n500');
  await page.getByLabel('Name, place or address').fill('zone-7 n47');
  await expect(page.getByRole('search').getByRole('status')).toHaveText('1 of 1000');
  await page.getByLabel('Name, place or address').fill('no such thing');
  await expect(page.getByText('No Cloud Service fits this filter')).toBeVisible();
});

test('the drawer by keyboard: what is held is paged and searched, the log is read, a fence asks for the name', async ({ page }) => {
  await page.goto(await open('cloud-services'));
  await page.locator('main').getByRole('button', { name: 'sgn-1', exact: true }).focus();
  await page.keyboard.press('Enter');
  const drawer = page.getByRole('dialog');
  await expect(drawer.getByRole('columnheader', { name: 'Declared' })).toBeVisible();
  await expectAccessible(page);
  await drawer.getByRole('radio', { name: 'Objects' }).click();
  await expect(drawer.getByRole('status')).toHaveText('1 to 50');
  await drawer.getByRole('button', { name: 'Next' }).click();
  await expect(drawer.getByRole('status')).toHaveText('51 to 100');
  await drawer.getByLabel('Names that begin with').fill('photos/104');
  await expect(drawer.getByRole('status')).toHaveText('1 to 10');
  await expect(drawer.getByRole('row').nth(1)).toContainText('1040 <i>tết</i>.jpg');
  await drawer.getByRole('radio', { name: 'Log' }).click();
  await expect(drawer.getByText('a peer <b>did not</b> answer')).toBeVisible();
  await drawer.getByRole('radio', { name: 'Actions' }).click();
  await drawer.getByRole('button', { name: 'Fence' }).click();
  const ask = page.getByRole('dialog', { name: 'Fence sgn-1?' });
  await expect(ask.getByRole('button', { name: 'Fence' })).toBeDisabled();
  await ask.getByLabel('Type sgn-1 to confirm').fill('sgn-2');
  await expect(ask.getByRole('button', { name: 'Fence' })).toBeDisabled();
  await ask.getByLabel('Type sgn-1 to confirm').fill('sgn-1');
  await expect(ask.getByRole('button', { name: 'Fence' })).toBeEnabled();
  await page.keyboard.press('Escape');
  await expect(ask).toBeHidden();
});

test('one that refuses to serve, a silent drain and what healing cannot do are told where somebody looks', async ({ page }) => {
  const walk = { partitions: 8, partitionsDone: 8, names: 9, copiesMissing: 0, copiesRestored: 0, bytesRestored: 0 };
  const healer = { state: 'idle', ...walk, copiesFailed: 2, unreadable: 1, bytesPerSecond: 0, secondsLeft: null } as const;
  const healing: NonNullable<NodePlan['more']>['healing'] = {
    paused: false,
    healer: { ...healer, passedOver: [{ what: 'record', name: 'photos/<i>k</i>', reason: 'no JSON' }], lastEndedAtMs: Date.now() },
    scrub: {
      state: 'idle',
      onDemand: false,
      blobsChecked: 0,
      bytesChecked: 0,
      done: 1,
      damaged: 0,
      bytesPerSecond: 0,
      secondsLeft: null,
      lastCompletedAtMs: null,
    },
    sweep: { state: 'idle', blobsSeen: 0, removed: 0, bytesRemoved: 0, lastEndedAtMs: null },
    totals: { copiesRestored: 0, bytesRestored: 0, damaged: 0, swept: 0 },
  };
  const [first, second, third, ...rest] = nodePlans as readonly [NodePlan, NodePlan, NodePlan, ...NodePlan[]];
  const plans: readonly NodePlan[] = [
    {
      ...first,
      evidence: 'answers the Controller, but serves nobody: it is an old copy.',
      more: { serving: 'fenced', trouble: 'refusing' },
    },
    { ...second, state: 'draining', more: { trouble: 'unheard', healing } },
    { ...third, more: { healing } },
    ...rest,
    { name: 'old-1', zone: 'fra', capacityGiB: 10, state: 'removed' },
  ];
  await page.goto(await open('overview', plans));
  const attention = page.getByRole('region', { name: 'Needs attention' });
  await expect(attention.getByRole('listitem')).toHaveCount(6);
  await expect(attention).toContainText('old-1 removed, but still in the rings');
  await expect(attention).toContainText('han-1 answers the Controller, but serves nobody: it is an old copy.');
  await expect(attention).toContainText('han-2 is being drained and does not answer: no answer for 11 s');
  await expect(attention).toContainText('Blobs of which no copy can be read now: 1, says sgn-1');
  await expectAccessible(page);
  await attention.getByRole('listitem').filter({ hasText: 'Passed over by healing' }).getByRole('link').click();
  const drawer = page.getByRole('dialog');
  await drawer.getByRole('radio', { name: 'Actions' }).click();
  await expect(drawer).toContainText('One blob has no copy that can be read now.');
  await expect(drawer).toContainText('Passes over the record "photos/<i>k</i>", which it cannot look after: no JSON');
  await expect(drawer).not.toContainText('No copy');
  // Longer than a low window: the choice between the tabs keeps its height.
  await page.setViewportSize({ width: 1280, height: 500 });
  const tabs = await drawer.getByRole('radio', { name: 'Health' }).boundingBox();
  const frame = await drawer.getByRole('radiogroup').boundingBox();
  expect(frame?.height).toBeGreaterThanOrEqual(tabs?.height ?? Infinity);
  await page.keyboard.press('Escape');
  const row = (name: string) => page.locator('main').getByRole('row', { name });
  await expect(row('han-1')).toContainText('not serving');
  await expect(row('han-2')).toContainText('no answer');
  await page.getByRole('search').getByRole('combobox', { name: 'State' }).selectOption('not serving');
  await expect(page.getByRole('search').getByRole('status')).toHaveText('1 of 5');
});

test('a name is resolved while it is typed; the rings are read by keyboard', async ({ page }) => {
  await page.goto(await open('rings?resolve=photos'));
  const way = page.getByRole('list', { name: 'Way of the name' });
  await expect(way.getByRole('listitem')).toHaveCount(2);
  await page.getByRole('searchbox', { name: 'Resolve a name' }).fill('photos/2026/tết 🌸.jpg');
  await expect(way.getByRole('listitem')).toHaveCount(4);
  await expect(way).toContainText('photos/2026/tết 🌸.jpg');
  await page.getByRole('group', { name: /^Rings\. Arrow keys/ }).focus();
  await page.keyboard.press('ArrowRight');
  await expect(page.getByText(/^partition 0: /)).toBeVisible();
  await page.keyboard.press('End');
  await expect(page.getByText(/^partition 1,023: /)).toBeVisible();
  await page.keyboard.press('ArrowDown');
  await expect(page.getByText(/% of the container ring$/)).toBeVisible();
  await expectAccessible(page);
});

test('the map is drawn without another host; a place leads to its Cloud Service', async ({ page }) => {
  await page.goto(await open('topology'));
  await page.getByRole('radio', { name: 'Map' }).click();
  await expect(page.getByRole('link', { name: /^fra: 1 Cloud Services/ })).toBeVisible();
  await expectAccessible(page);
  await page.getByRole('link', { name: /^fra: 1 Cloud Services/ }).press('Enter');
  await expect(page.getByRole('dialog')).toContainText('fra-1');
  await page.keyboard.press('Escape');
});

test('a thousand on the map: what stands together is one mark and comes apart when one goes closer; it is dragged as a whole', async ({
  page,
}) => {
  const plans = Array.from({ length: 1000 }, (_, index): NodePlan => ({
    name: `n${index}`,
    zone: `zone-${index % 4}`,
    region: 'fra',
    capacityGiB: 100,
    place: [50 + (index % 4) * 0.4, 8],
    state: index === 3 ? 'down' : 'healthy',
  }));
  await page.goto(await open('topology', plans));
  await page.getByRole('radio', { name: 'Map' }).click();
  const map = page.getByRole('group', { name: 'World map of the Cloud Services' });
  await expect(map.getByRole('button')).toHaveCount(1);
  await expect(map.getByRole('button')).toHaveAccessibleName(
    /^zone-0, zone-1, zone-2, zone-3: 1000 Cloud Services, at worst down: n0, .*Go closer$/,
  );
  await map.getByRole('button').press('Enter');
  await expect(map.getByRole('link')).toHaveCount(4);
  await expect(map.locator(':focus')).toHaveCount(1);
  await expectAccessible(page);

  const mark = map.getByRole('link', { name: /^zone-3: 250 Cloud Services, at worst down/ });
  const before = await mark.boundingBox();
  if (!before) throw new Error('the mark is not to be seen');
  const [x, y] = [before.x - 150, before.y + 20];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + 90, y - 30, { steps: 6 });
  await page.mouse.up();
  await expect.poll(async () => Math.round(((await mark.boundingBox())?.x ?? 0) - before.x)).toBe(90);
  await expect(map.locator('> div')).not.toHaveAttribute('style', /transform/);
  expect(Math.round(((await mark.boundingBox())?.x ?? 0) - before.x)).toBe(90);
  await mark.press('Enter');
  await expect(page.getByRole('search').getByRole('status')).toHaveText('250 of 1000');
});

test('events are filtered and taken along as they are filtered', async ({ page }) => {
  await page.goto(await open('events'));
  const rows = page.locator('main').getByRole('row');
  await expect(rows.first()).toBeVisible();
  await page.getByLabel('Words in the message').fill('han-2 refused');
  await expect(rows).toHaveCount(2);
  await expect(page.getByRole('link', { name: 'CSV' })).toHaveAttribute('href', 'api/v1/events/export?text=han-2+refused&format=csv');
  await page.getByRole('radio', { name: 'Audit' }).click();
  await expect(rows.nth(1)).toContainText('<b>9a3f11c0</b>');
});
