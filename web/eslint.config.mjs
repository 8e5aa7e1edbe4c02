// The rules of web/: those recommended for types, and what has shown to hide mistakes. Loaded by
// build.mjs --check, which says where the packages are.
import { createRequire } from "node:module";
import * as path from "node:path";

const packages = createRequire(path.join(process.env.MEMSCOPE_WEB_BUILD ?? import.meta.dirname, "package.json"));
const eslint = packages("typescript-eslint");

export default eslint.config(eslint.configs.strict, eslint.configs.stylistic, {
    rules: {
        eqeqeq: "error",
        "no-console": "error",
        "no-restricted-properties": ["error",
            { object: "document", property: "write" },
            { property: "innerHTML", message: "Names come from the traced program: text only." },
            { property: "outerHTML", message: "Names come from the traced program: text only." },
            { property: "insertAdjacentHTML", message: "Names come from the traced program: text only." }],
        "no-restricted-syntax": ["error", {
            selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']",
            message: "Names come from the traced program: text only.",
        }],
        "prefer-const": "error",
        "@typescript-eslint/no-non-null-assertion": "off",
        "@typescript-eslint/prefer-for-of": "off", // typed arrays are walked by index
    },
});
