/** The view of the address. The one before stays until the code of the next one is there. */

import type { ComponentType } from "preact";
import { useLocation } from "preact-iso/router";
import { useEffect, useState } from "preact/hooks";
import { EmptyState } from "../components/EmptyState";
import { ErrorLine } from "../components/ErrorLine";
import { Loading } from "../components/Loading";
import { Page } from "../components/Page";
import { t } from "../text/t";
import { VIEWS, type View } from "../views";
import { ErrorBoundary } from "./ErrorBoundary";
import { may } from "./session";

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 15_000;
const REACHED_WITHIN_MS = 5_000;
// How long to wait before the next try; it outlives the page that tries.
const PAUSE = "pisovereign.view-pause-ms";
const loaded = new Map<string, ComponentType>();

export function ViewOutlet() {
  const { path } = useLocation();
  const view = VIEWS.find((each) => each.path === path);
  const [shown, setShown] = useState<string | null>(() => (loaded.has(path) ? path : null));
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    let left = false;
    setError(null);
    const open = async () => {
      if (!view) return;
      try {
        await loadView(view);
        sessionStorage.removeItem(PAUSE);
        if (!left) setShown(path);
        return;
      } catch {
        // The program is away, or was updated and the page's files have other names now.
        if (!left) setError(t("common.view_not_loaded"));
      }
      // A browser may keep for a page's life that a module did not load, so only a new page can try again.
      while (!left) {
        const pause = Number(sessionStorage.getItem(PAUSE) ?? FIRST_PAUSE_MS);
        await new Promise((done) => setTimeout(done, pause));
        if (left) return;
        sessionStorage.setItem(PAUSE, String(Math.min(pause * 2, LONGEST_PAUSE_MS)));
        if (await isReachable()) {
          if (!left) location.reload();
          return;
        }
      }
    };
    void open();
    return () => {
      left = true;
    };
  }, [path]);
  if (!view || !may(view.scope)) return <Page title={t("common.no_such_view")}><EmptyState icon="search" text={t("common.not_yours")} /></Page>;
  if (error) return <div class="page"><ErrorLine error={error} onRetry={() => location.reload()} /></div>;
  const Shown = shown === null ? undefined : loaded.get(shown);
  return Shown ? <ErrorBoundary key={shown}><Shown /></ErrorBoundary> : <Loading />;
}

async function loadView(view: View): Promise<void> {
  if (!loaded.has(view.path)) loaded.set(view.path, (await view.load()).default);
}

/** Whether the program answers. */
async function isReachable(): Promise<boolean> {
  try {
    const answer = await fetch("/health", { cache: "no-store", signal: AbortSignal.timeout(REACHED_WITHIN_MS) });
    return answer.ok;
  } catch {
    return false;
  }
}
