// Starts the emulator of Azure Blob Storage, and ends it when whoever holds the other end of standard input is gone,
// even if that was killed.
process.stdin.on("end", () => process.exit(0)).on("error", () => process.exit(0)).resume();
require("azurite/dist/src/blob/main.js");
