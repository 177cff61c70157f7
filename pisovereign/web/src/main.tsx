/** Starts the page: the texts of the language, the theme, and the app. */

import { render } from "preact";
import { App } from "./app/App";
import { startServiceWorker, takeShared } from "./app/serviceWorker";
import { startTheme } from "./app/theme";
import { startTexts } from "./text/t";

const place = document.getElementById("app");

async function start(into: Element): Promise<void> {
  startTheme();
  await Promise.all([startTexts(), takeShared()]);
  into.replaceChildren();
  render(<App />, into);
  void startServiceWorker();
}

if (place) void start(place);
