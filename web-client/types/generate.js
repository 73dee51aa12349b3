// Writes the types of the API's bodies to standard output: `node generate.js openapi.json`.
//
// A package of its own, because openapi-typescript writes by the programming interface of TypeScript 5, and the web
// client is checked by a newer one.

import { readFileSync } from "node:fs";
import openapiTS, { astToString } from "openapi-typescript";

const { openapi, info, components } = JSON.parse(readFileSync(process.argv[2], "utf8"));
// Requests are made by hand, so the bodies are all that is needed.
const bodies = { openapi, info, paths: {}, components: { schemas: components.schemas } };
const options = { rootTypes: true, rootTypesNoSchemaPrefix: true, alphabetize: true, silent: true };
process.stdout.write("// Generated from docs/openapi.json by `./dev generate`. Do not edit.\n\n");
process.stdout.write(astToString(await openapiTS(bodies, options)));
