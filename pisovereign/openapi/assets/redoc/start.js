Redoc.init(
  "/api-docs/openapi.json",
  // Its search needs a worker, and its font another origin.
  { disableSearch: true, hideDownloadButton: false, theme: { typography: { fontFamily: "sans-serif" } } },
  document.getElementById("redoc"),
);
