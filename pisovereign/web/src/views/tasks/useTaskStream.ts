/** Follow a task: `onEvent` is called whenever something of it is different, until it is over. */

import { useEffect } from "preact/hooks";
import { watchTask } from "../../api/tasks";

const AGAIN_MS = 2_000;

export function useTaskStream(id: string, active: boolean, onEvent: () => void | Promise<void>): void {
  useEffect(() => {
    if (!active) return;
    const stopped = new AbortController();
    void follow(id, stopped.signal, onEvent);
    return () => stopped.abort();
  }, [id, active]);
}

async function follow(id: string, signal: AbortSignal, onEvent: () => void | Promise<void>): Promise<void> {
  while (!signal.aborted) {
    try {
      for await (const _event of watchTask(id, signal)) await onEvent();
      // The stream ends with the task.
      if (!signal.aborted) await onEvent();
      return;
    } catch {
      // The connection was lost: what is stored counts, and the stream begins again.
    }
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}
