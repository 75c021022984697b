// The page of `report` in a real browser: `npm run test:page`, which needs a Chromium.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { archiveStart, pageStart } from '#files/page-archive.ts';
import type { Report } from '#model/report.ts';
import { renderPage } from '#render/page/html.ts';
import { poisoned } from '../support/hostile-report.ts';
import { withDemo } from '../support/run-command.ts';
import { type Look, type Opened, openBrowser, openPage } from './browser.ts';

const directory = mkdtempSync(join(tmpdir(), 'kii-page-'));
const file = join(directory, 'incident of today.html');
const browser = await openBrowser();

await withDemo({}, async ({ kii }) => {
  const { code, err } = await kii(['report', file, '--link', 'Dashboard=https://grafana.example.org/d/1?a=<b>']);
  if (code !== 0) throw new Error(err);
});

test.after(async () => {
  await browser.close();
  rmSync(directory, { recursive: true });
});

const reportIn = (page: string): Report =>
  JSON.parse(/id="report">(.*?)<\/script>/s.exec(readFileSync(page, 'utf8'))?.[1] ?? '') as Report;

function write(name: string, report: Report): string {
  const path = join(directory, name);
  writeFileSync(path, renderPage({ report, archive: 'QUJD', start: pageStart, archiveStart }));
  return path;
}

async function onPage(path: string, look: Look, use: (opened: Opened) => Promise<void>): Promise<void> {
  const opened = await openPage(browser, path, look);
  try {
    await use(opened);
    assert.equal(opened.errors, []);
    assert.equal(opened.requests, []);
  } finally {
    await opened.page.close();
  }
}

/** By rule, with the elements. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const found = (await page.evaluate('axe.run()')) as {
    readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string }[] }[];
  };
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join('\n')}`);
}

test('the first screen tells which gateway, when in both times, and the worst with its numbers', () =>
  onPage(file, {}, async ({ page }) => {
    const first = await page.locator('header').innerText();
    assert.match(first, 'istio-ingressgateway');
    assert.match(first, '2026-11-23 11:53:47 – 12:08:47 UTC');
    assert.match(first, /12:53:47 CET/);
    assert.match(first, 'svc9.discovery.wmnet: all 27 requests failed from 12:07:54 UTC on');
    assert.match(first, /✗ 2 of 3\npods alike; 1 node without a pod/);
    assert.match(await page.getByRole('navigation').innerText(), /Findings \d+\nHosts 20\n/);
    const box = await page.locator('.tiles').boundingBox();
    assert.ok(box && box.y + box.height < 900, 'all of it without scrolling');
    assert.is(
      await page.getByRole('link', { name: 'Dashboard' }).getAttribute('href'),
      'https://grafana.example.org/d/1?a=%3Cb%3E',
    );
    assert.match(await page.locator('#file').innerText(), "check --from 'incident of today.html'");
  }));

test('a host is searched for and opened by keyboard alone', () =>
  onPage(file, {}, async ({ page }) => {
    await page.keyboard.press('/');
    await page.keyboard.type('svc9 discovery');
    assert.is(await page.locator('.host .text').first().innerText(), 'svc9.discovery.wmnet');
    assert.match(await page.locator('#hosts [aria-live]').innerText(), /^\d of 20 hosts$/);
    for (let tab = 0; tab < 3; tab++) await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    const inside = page.locator('.host[open] .inside');
    await inside.locator('pre').first().waitFor();
    assert.match(await inside.innerText(), 'GET https://svc9.discovery.wmnet:8443/');
    assert.match(await inside.innerText(), '10.64.0.28:4000   HEALTHY');
    await page.keyboard.press('Enter');
    assert.is(await page.locator('.host[open]').count(), 0);
  }));

test('hosts are put in order, and those with nothing wrong left out', () =>
  onPage(file, {}, async ({ page }) => {
    const names = () => page.locator('.host .text').allInnerTexts();
    assert.is((await names())[0], 'svc9.discovery.wmnet');
    await page.getByLabel('Order', { exact: true }).selectOption({ label: 'by name' });
    const byName = await names();
    assert.equal(byName, byName.toSorted());
    await page.getByLabel('only those with something wrong').check();
    assert.ok((await names()).length < byName.length);
    assert.not((await names()).includes('svc1.discovery.wmnet'));
    await page.getByRole('searchbox').fill('no such thing');
    assert.equal(await names(), []);
  }));

test('a mark of the chart leads to its moment in the list, which kinds can be taken out of', () =>
  onPage(file, {}, async ({ page }) => {
    await page.locator('.lane.pod .moment').click();
    assert.match(await page.locator('.moments li:focus').innerText(), /Pods start\npod started/);
    const all = await page.locator('.moments li').count();
    await page.getByRole('checkbox', { name: 'Certificates' }).uncheck();
    assert.ok((await page.locator('.moments li').count()) < all);
    const before = await page.locator('.tick').allTextContents();
    await page.getByRole('button', { name: 'While requests came' }).click();
    assert.not.equal(await page.locator('.tick').allTextContents(), before);
  }));

test('the list of moments opens at the first error, with what came before it', () =>
  onPage(file, {}, async ({ page }) => {
    const list = page.locator('.moments');
    await page.waitForFunction('document.querySelector(".moments").scrollTop > 0');
    const [around, error] = [await list.boundingBox(), await list.locator('.errors').first().boundingBox()];
    assert.ok(around && error && error.y > around.y && error.y + error.height < around.y + around.height);
  }));

test('numbers stand below each other, and a long name ends its lines after dots', () =>
  onPage(file, { width: 1024 }, async ({ page }) => {
    const starts = await page.locator('.share').evaluateAll((bars) => bars.map((bar) => bar.getBoundingClientRect().x));
    assert.is(new Set(starts).size, 1);
    const name = page.locator('.host .text').first();
    assert.equal(
      [await name.textContent(), await name.innerText(), await name.locator('wbr').count()],
      ['svc9.discovery.wmnet', 'svc9.discovery.wmnet', 2],
    );
  }));

for (const width of [320, 1280, 2560]) {
  for (const scheme of ['light', 'dark'] as const) {
    test(`nothing stands out of the page at ${width} pixels, ${scheme}, and axe finds nothing`, () =>
      onPage(file, { width, scheme }, async ({ page }) => {
        await page.locator('.host summary').first().click();
        await page.locator('.difference summary').first().click();
        assert.is(await page.evaluate('document.scrollingElement.scrollWidth - innerWidth'), 0);
        assert.equal(await violations(page), []);
        const shots = process.env['SCREENSHOTS'];
        if (shots !== undefined) await page.screenshot({ path: join(shots, `${width}-${scheme}.png`), fullPage: true });
      }));
  }
}

test('of many hosts the first are shown, a search finds all, and all are printed', () => {
  const report = reportIn(file);
  const hosts = Array.from({ length: 762 }, (_, index) => ({
    ...(report.hosts[index % report.hosts.length] as Report['hosts'][number]),
    name: `svc${index}.example.org`,
  }));
  return onPage(write('many.html', { ...report, hosts }), {}, async ({ page }) => {
    assert.is(await page.locator('.host').count(), 100);
    await page.getByRole('searchbox').fill('svc761.');
    assert.equal(await page.locator('.host .text').allInnerTexts(), ['svc761.example.org']);
    await page.getByRole('searchbox').fill('');
    await page.evaluate('dispatchEvent(new Event("beforeprint"))');
    assert.is(await page.locator('.host').count(), 762);
    assert.not(await page.getByRole('button', { name: 'Show all' }).isVisible());
  });
});

test('printed, it has all of the list and no controls', () =>
  onPage(file, {}, async ({ page }) => {
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    assert.is(await page.evaluate('getComputedStyle(document.body).color'), 'rgb(26, 31, 38)');
    assert.not(await page.locator('nav').isVisible());
    assert.not(await page.locator('#search').isVisible());
    assert.is(await page.evaluate('getComputedStyle(document.querySelector(".moments")).maxHeight'), 'none');
    assert.ok((await page.pdf()).length > 10_000);
  }));

test('texts of a cluster do nothing and are shown as they are', () =>
  onPage(write('hostile.html', poisoned(reportIn(file))), {}, async ({ page }) => {
    await page.evaluate('for (const one of document.querySelectorAll("details")) one.open = true');
    await page.locator('.host .inside pre').first().waitFor();
    assert.is(await page.evaluate('typeof pwned'), 'undefined');
    assert.is(await page.locator('main img, main script, main iframe, main [onerror]').count(), 0);
    assert.match(await page.locator('.host .text').first().innerText(), '</script><script>pwned=1</script>');
    assert.is(await page.locator('a[href^="javascript"]').count(), 0);
    assert.is(await page.evaluate('document.scrollingElement.scrollWidth - innerWidth'), 0);
  }));

test('a link of a stranger that is no address of the web is no link', () => {
  const links = [
    { name: 'x', url: 'javascript:alert(1)' },
    { name: 'y', url: 'data:text/html,x' },
  ];
  return onPage(write('links.html', { ...reportIn(file), links }), {}, async ({ page }) => {
    assert.is(await page.locator('.links a').count(), 0);
    assert.is(await page.locator('.links li').count(), 2);
  });
});

test('what is not known is said, and nothing of it looks well', () => {
  const report = reportIn(file);
  const gaps = [{ part: 'logs', why: 'pods/log is forbidden' }] as const;
  const nothing: Report = {
    ...report,
    traffic: undefined,
    checks: [],
    moments: [],
    signatures: { of: 0, shown: [] },
    gaps,
  };
  return onPage(write('nothing.html', nothing), {}, async ({ page }) => {
    assert.match(await page.locator('.tiles').innerText(), /not known\nerrors: no log could be read/);
    assert.match(await page.locator('#findings').innerText(), 'Nothing could be checked');
    assert.match(await page.locator('.moments').innerText(), 'Nothing of that is known');
    assert.match(await page.getByRole('navigation').innerText(), /\nFindings\nHosts 20\nDrift \d+\nErrors\nFile/);
    assert.match(await page.locator('#file').innerText(), 'Logs: pods/log is forbidden');
    assert.is(await page.locator('.host.good').count(), 0);
    assert.equal(await violations(page), []);
  });
});

test('a tile, and the line of a host, is no better than what is behind it: pods, requests and whole logs', () => {
  const report = reportIn(file);
  const hosts = report.hosts.map((host) => ({ ...host, errors: 0 }));
  const quiet = { ...report, hosts, checks: [], gaps: [], fleet: { groups: [], pods: [], nodesWithoutPod: [] } };
  const traffic = { ...(report.traffic as NonNullable<Report['traffic']>), errors: 0 };
  const good = (name: string, shown: Partial<Report>, ids: readonly string[]): Promise<void> =>
    onPage(write(`${name}.html`, { ...quiet, ...shown }), {}, async ({ page }) => {
      const found = await page.locator('.tile.good a').all();
      assert.equal(await Promise.all(found.map((one) => one.getAttribute('href'))), ids);
      assert.is((await page.locator('.host.good').count()) > 0, ids.includes('#hosts'));
    });
  return good('requests', { traffic }, ['#time', '#hosts'])
    .then(() => good('silence', { traffic: { ...traffic, requests: 0, connections: 0 } }, []))
    .then(() => good('cut', { traffic, gaps: [{ part: 'logs', why: 'it was rotated' }] }, []));
});

test.run();
