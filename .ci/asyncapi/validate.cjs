// Checks AsyncAPI documents with the public parser: node validate.cjs <file>...
// NODE_PATH names the folder that package-lock.json was installed into.
const { readFile } = require("node:fs/promises");
const { Parser } = require("@asyncapi/parser");

const ERROR = 0;

async function main(files) {
  if (files.length === 0) throw new Error("no file given");
  for (const file of files) {
    const { document, diagnostics } = await new Parser().parse(await readFile(file, "utf8"), { source: file });
    for (const { severity, range, path, message } of diagnostics) {
      const kind = severity === ERROR ? "error" : "note";
      console.log(`${file}:${range.start.line + 1}: ${kind}: ${message} (${path.join(".")})`);
    }
    if (!document || diagnostics.some((found) => found.severity === ERROR)) throw new Error(`${file} is not valid`);
    console.log(`${file}: AsyncAPI ${document.version()}, ${document.operations().length} operations`);
  }
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
