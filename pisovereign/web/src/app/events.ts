/**
 * What happens without being asked for (`GET /v1/events`): one stream for the whole page.
 *
 * It goes on from the last event that was seen when the connection was lost.
 */

import { useEffect, useRef } from "preact/hooks";
import { ApiError, eventsOf, send, type ServerEvent } from "../api/client";

type Listener = (event: ServerEvent) => void;

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
const listeners = new Set<Listener>();
let running: AbortController | null = null;

/** Call `listener` with every event of one of these names while the component is shown. */
export function useEvents(names: readonly string[], listener: (event: ServerEvent) => void): void {
  const current = useRef(listener);
  current.current = listener;
  useEffect(() => watchEvents((event) => names.includes(event.name) && current.current(event)), [names.join()]);
}

/** Call `listener` with every event; returns what ends that. */
export function watchEvents(listener: Listener): () => void {
  listeners.add(listener);
  if (!running) {
    running = new AbortController();
    void follow(running.signal);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    running?.abort();
    running = null;
  };
}

async function follow(signal: AbortSignal): Promise<void> {
  let seen: string | null = null;
  let pause = FIRST_PAUSE_MS;
  while (!signal.aborted) {
    try {
      const headers: Record<string, string> = { Accept: "text/event-stream" };
      if (seen !== null) headers["Last-Event-ID"] = seen;
      const response = await send("GET", "/v1/events", { headers, signal });
      // What happened before the stream was open is not told by it.
      if (seen === null) tell({ name: "missed", id: null, data: null });
      for await (const event of eventsOf(response)) {
        pause = FIRST_PAUSE_MS;
        seen = event.id ?? seen;
        tell(event);
      }
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return;
    }
    await wait(pause, signal);
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
  }
}

function tell(event: ServerEvent): void {
  for (const listener of [...listeners]) listener(event);
}

// Until the time is over, or the browser finds a network again, or nobody listens any more.
function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      window.removeEventListener("online", end);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    window.addEventListener("online", end);
    signal.addEventListener("abort", end);
  });
}
