/** `load.ts <module> …`: loads modules as a program does, and prints how much memory that took at its peak, in KiB. */
for (const module of process.argv.slice(2)) await import(module);
console.log(process.resourceUsage().maxRSS);
process.exit();
