SwaggerUIBundle({
  url: "/api-docs/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  // The key stays in the page: it is forgotten with it.
  persistAuthorization: false,
  validatorUrl: null,
});
