// Many requests at once from Node, which goes on with its own work meanwhile.
//
//   cc -shared -fPIC -I/usr/include/node -o trillet.node trillet_node.c $(pkg-config --cflags --libs trillet)
//   node calls.js ./trillet.node
//
// Key, workspace and service come from TRILLET_API_KEY, TRILLET_WORKSPACE_ID and TRILLET_BASE_URL.
"use strict";

const path = require("node:path");
const { Client } = require(path.resolve(process.argv[2]));

async function main() {
  const client = new Client();
  let turns = 0;
  const ticker = setInterval(() => turns++, 1);
  const answers = await Promise.all(
    ["agents.list", "flows.list"].map((operation) => client.submit(operation, "{}")),
  );
  clearInterval(ticker);
  for (const answer of answers) console.log(`done: ${JSON.parse(answer).status}`);
}

// Node ends by itself: a client without requests does not keep it.
main();
