/** Shows what was loaded; until then that it is on its way, and otherwise what went wrong with a retry. */

import type { ComponentChildren } from "preact";
import { ErrorLine } from "./ErrorLine";
import { Loading } from "./Loading";
import type { Resource } from "./useResource";

interface Props<T> {
  resource: Resource<T>;
  children: (data: T) => ComponentChildren;
}

export function ResourceView<T>({ resource, children }: Props<T>) {
  const { data, error, reload } = resource;
  return (
    <>
      <ErrorLine error={error} onRetry={() => void reload()} />
      {data === undefined ? error == null && <Loading /> : children(data)}
    </>
  );
}
