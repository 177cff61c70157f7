// How the page is bundled; tools/build_web.py says where to (BUILD_FOLDER).
import { writeFileSync } from "node:fs";

const folder = process.env.BUILD_FOLDER;
if (!folder) throw new Error("Use python -m tools.build_web");
const transform = { target: "es2022" };

// What nearly every view uses is one file, so that a phone asks for few of them. A view, and what is large and only
// for some, stays apart.
const SHARED = /\/src\/(app|api|components|text)\/|\/node_modules\/(preact|@preact|preact-iso|lucide)\//;
const APART = /\/src\/components\/(Markdown|Math|Code)|\/src\/markdown\//;

export default [
  {
    input: { main: "src/main.tsx", setup: "src/setup.tsx" },
    transform,
    output: {
      dir: `${folder}/dist`,
      format: "esm",
      minify: true,
      comments: false,
      entryFileNames: "[name]-[hash].js",
      chunkFileNames: "[name]-[hash].js",
      codeSplitting: { groups: [{ name: "shared", test: (id) => SHARED.test(id) && !APART.test(id) }] },
    },
    plugins: [
      {
        name: "describe",
        generateBundle(options, bundle) {
          const chunks = Object.values(bundle).filter((each) => each.type === "chunk");
          const about = chunks.map(({ fileName, facadeModuleId, isEntry, imports }) => ({
            file: fileName,
            module: facadeModuleId && facadeModuleId.slice(process.cwd().length + 1),
            isEntry,
            imports,
          }));
          writeFileSync(`${folder}/chunks.json`, JSON.stringify(about));
        },
      },
    ],
  },
  // The service worker is one file with a name that stays; the program names the build in it (http/app_files.py).
  {
    input: { "service-worker": "src/worker/worker.ts" },
    transform,
    output: { dir: `${folder}/dist`, format: "iife", minify: true, comments: false, entryFileNames: "[name].js" },
  },
  // Only the list of views, for their paths.
  {
    input: { views: "src/views.ts" },
    external: /\.\/views\//,
    output: { dir: folder, format: "esm", entryFileNames: "[name].mjs" },
  },
];
