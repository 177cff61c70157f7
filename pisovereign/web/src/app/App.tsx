/** The page: signing in, or the shell with the view that is open. */

import { LocationProvider } from "preact-iso/router";
import { useEffect } from "preact/hooks";
import { whenSignedOut } from "../api/client";
import { Loading } from "../components/Loading";
import { ToastList } from "../components/ToastList";
import { ErrorBoundary } from "./ErrorBoundary";
import { session, startSession } from "./session";
import { Shell } from "./Shell";
import { SignedOut } from "./SignedOut";

export function App() {
  useEffect(() => {
    whenSignedOut(() => {
      if (session.value) session.value = null;
    });
    void startSession();
  }, []);
  return (
    <ErrorBoundary>
      <LocationProvider>
        {session.value === undefined ? <Loading /> : session.value === null ? <SignedOut /> : <Shell />}
      </LocationProvider>
      <ToastList />
    </ErrorBoundary>
  );
}
