/** Something that is loaded when a view opens: its data, what went wrong, and how to load it again. */

import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { isAbort } from "../api/errors";

export interface Resource<T> {
  data: T | undefined;
  error: unknown;
  loading: boolean;
  reload: () => Promise<void>;
  /** Show other data at once, before or without asking. */
  set: (change: (data: T | undefined) => T | undefined) => void;
}

/**
 * Load something, and again when one of `inputs` changes; an answer that was overtaken is dropped.
 *
 * Data of before stays while it is loaded again, so that nothing flickers.
 */
export function useResource<T>(load: (signal: AbortSignal) => Promise<T>, inputs: readonly unknown[] = []): Resource<T> {
  const [data, setData] = useState<T | undefined>(undefined);
  const [error, setError] = useState<unknown>(null);
  const [loading, setLoading] = useState(true);
  const running = useRef<AbortController | null>(null);
  const reload = useCallback(async () => {
    running.current?.abort();
    const mine = (running.current = new AbortController());
    setLoading(true);
    try {
      const loaded = await load(mine.signal);
      if (mine.signal.aborted) return;
      setData(() => loaded);
      setError(null);
    } catch (problem) {
      if (mine.signal.aborted || isAbort(problem)) return;
      setError(problem);
    }
    setLoading(false);
  }, inputs);
  useEffect(() => {
    void reload();
    return () => running.current?.abort();
  }, [reload]);
  return { data, error, loading, reload, set: (change) => setData((current) => change(current)) };
}
