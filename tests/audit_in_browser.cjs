// Opens a page in headless Chromium, wide and light, narrow and dark; prints as JSON what went wrong.
// node audit_in_browser.cjs BROWSER PAGE SCREENSHOTS, with NODE_PATH leading to playwright-core and axe-core.
const { chromium } = require("playwright-core");
const axe = require("axe-core");
const { pathToFileURL } = require("url");

const SIZES = [
  { name: "wide", width: 1280, height: 900, colorScheme: "light" },
  { name: "narrow", width: 390, height: 844, colorScheme: "light" },
  { name: "dark", width: 1280, height: 900, colorScheme: "dark" },
];

async function look(browser, page, size, folder) {
  const context = await browser.newContext({
    viewport: { width: size.width, height: size.height },
    colorScheme: size.colorScheme,
    bypassCSP: true, // axe is injected; the page's own policy stays as it is in a reader's browser
  });
  const tab = await context.newPage();
  const found = { size: size.name, errors: [], requests: [] };
  tab.on("console", (message) => message.type() === "error" && found.errors.push(message.text()));
  tab.on("pageerror", (error) => found.errors.push(String(error)));
  tab.on("dialog", (dialog) => found.errors.push(`dialog: ${dialog.message()}`) && dialog.dismiss());
  tab.on("request", (request) => found.requests.push(request.url()));
  await tab.goto(pathToFileURL(page).href);
  await tab.screenshot({ path: `${folder}/${size.name}.png` });
  found.overflow = await tab.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  await tab.keyboard.press("Tab");
  found.focused = await tab.evaluate(() => document.activeElement.className);
  await tab.evaluate(axe.source);
  const { violations } = await tab.evaluate(() => window.axe.run());
  found.violations = violations.map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes[0].html.slice(0, 120)}`);
  await context.close();
  return found;
}

(async () => {
  const [executablePath, page, folder] = process.argv.slice(2);
  const browser = await chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
  });
  const results = [];
  for (const size of SIZES) results.push(await look(browser, page, size, folder));
  await browser.close();
  console.log(JSON.stringify(results));
})();
