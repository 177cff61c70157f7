/** Starts the page of set-up, which a device shows until it has an owner. */

import { render } from "preact";
import { startTheme } from "./app/theme";
import { SetupApp } from "./setup/SetupApp";
import { startTexts } from "./text/t";

const place = document.getElementById("app");

async function start(into: Element): Promise<void> {
  startTheme();
  await startTexts();
  into.replaceChildren();
  render(<SetupApp />, into);
}

if (place) void start(place);
