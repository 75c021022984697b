// A Chromium that is there already, for the tests of the page. None is downloaded.

import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Throws, and says what is missing. */
function executable(): string {
  const { CHROMIUM, PATH = '' } = process.env;
  const found = PATH.split(delimiter).flatMap((directory) => names.map((name) => join(directory, name)));
  const path = CHROMIUM ?? found.find(existsSync);
  if (path !== undefined) return path;
  throw new Error('no Chromium: install one (Debian: apt-get install chromium), or name it with CHROMIUM=PATH');
}

export function openBrowser(): Promise<Browser> {
  // Its sandbox does not work for root.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath: executable(), args });
}

export interface Opened {
  readonly page: Page;
  /** Errors of the console, and of scripts. */
  readonly errors: readonly string[];
  /** Everything that was asked for beside the page. */
  readonly requests: readonly string[];
}

export interface Look {
  readonly width?: number;
  readonly height?: number;
  readonly scheme?: 'light' | 'dark';
}

/** The page of a file, as somebody who got it opens it. */
export async function openPage(
  browser: Browser,
  file: string,
  { width = 1280, height = 900, scheme = 'light' }: Look = {},
): Promise<Opened> {
  const page = await browser.newPage({
    viewport: { width, height },
    colorScheme: scheme,
    timezoneId: 'Europe/Berlin',
    locale: 'en-GB',
  });
  const [errors, requests]: [string[], string[]] = [[], []];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') errors.push(message.text());
  });
  page.on('pageerror', (error) => errors.push(String(error)));
  const url = pathToFileURL(file).href;
  page.on('request', (request) => {
    if (request.url() !== url) requests.push(request.url());
  });
  await page.goto(url);
  // Its last part.
  await page.locator('#file').waitFor();
  return { page, errors, requests };
}
