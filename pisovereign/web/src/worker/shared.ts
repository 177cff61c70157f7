/** Where the service worker leaves what another app shared, until the page takes it. */

export const SHARED_CACHE = "pisovereign-shared";
export const SHARED_TEXT = "/shared-text";
